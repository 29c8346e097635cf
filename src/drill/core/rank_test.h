/* SPDX-License-Identifier: MIT */
/* Do two small samples differ? The rank test of Wilcoxon, Mann and Whitney, two-sided: it assumes
 * nothing of how stop times are distributed, and one slow outlier does not decide it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Up to so many values in both together every way to deal them out is counted, ties as they are.
 * Above, the normal approximation with the corrections for ties and continuity is good enough. */
#define RANK_TEST_EXACT_MAX 40

struct rank_test {
	double p; /* how often chance alone gives a difference at least this large; NAN: a sample is empty */
	double least_p; /* what samples of these sizes can give at the least: above 0.05 nothing is shown */
	bool is_exact;
};

/* pooled and ranks are scratch space for a_count + b_count values each. */
struct rank_test rank_test(const double *a, size_t a_count, const double *b, size_t b_count,
	double *pooled, double *ranks);

/* By how much b lies above a: the median of all differences (Hodges and Lehmann), which fits this
 * test. differences is scratch space for a_count * b_count values; both counts are above 0. */
double rank_shift(
	const double *a, size_t a_count, const double *b, size_t b_count, double *differences);

/* One of twenty tests has a p below 0.05 by chance. Corrects each p for count tests made at once (Holm
 * 1979); a NAN is no test. */
void rank_test_adjust(struct rank_test *tests, size_t count);

/* The middle value, or the mean of the two in the middle. Sorts the values; there is one at least. */
double median_of(double *values, size_t count);

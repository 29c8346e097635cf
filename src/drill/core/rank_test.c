/* SPDX-License-Identifier: MIT */
#include "drill/core/rank_test.h"

#include "host/core/percentiles.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SMALLER_MAX (RANK_TEST_EXACT_MAX / 2)
#define DOUBLED_RANKS_MAX (RANK_TEST_EXACT_MAX * (RANK_TEST_EXACT_MAX + 1))

/* Equal values share the mean of their ranks. Doubled, all ranks are whole. Returns the sum of t^3-t
 * over the groups of t equal values. */
static double rank_values(const double *sorted, size_t count, double *doubled_ranks)
{
	double ties = 0;

	for (size_t first = 0, next; first < count; first = next) {
		double equal;

		for (next = first + 1; next < count && sorted[next] <= sorted[first];)
			next++;
		equal = (double)(next - first);
		ties += equal * equal * equal - equal;
		for (size_t i = first; i < next; i++)
			doubled_ranks[i] = (double)(first + 1 + next);
	}
	return ties;
}

static double rank_sum(const double *values, size_t count, const double *sorted,
	const double *doubled_ranks, size_t sorted_count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++) {
		const double *found =
			bsearch(&values[i], sorted, sorted_count, sizeof(*sorted), doubles_compare);

		sum += doubled_ranks[found - sorted];
	}
	return sum;
}

static double ways_to_choose(size_t chosen, size_t count)
{
	double ways = 1;

	for (size_t i = 1; i <= chosen; i++)
		ways = ways * (double)(count - chosen + i) / (double)i;
	return ways;
}

/* Counts, over all ways to choose the smaller sample's places, how many rank sums lie as far from
 * the mean as the one observed. */
static double exact_p(const double *doubled_ranks, size_t count, size_t chosen, double observed)
{
	static const size_t width = DOUBLED_RANKS_MAX + 1;
	double ways[SMALLER_MAX + 1][DOUBLED_RANKS_MAX + 1]; /* [values chosen][their rank sum] */
	const double mean = (double)(chosen * (count + 1));
	double as_far = 0;

	memset(ways, 0, sizeof(ways));
	ways[0][0] = 1;
	for (size_t i = 0; i < count; i++) {
		const size_t rank = (size_t)doubled_ranks[i];

		for (size_t taken = chosen; taken > 0; taken--) {
			for (size_t sum = rank; sum < width; sum++)
				ways[taken][sum] += ways[taken - 1][sum - rank];
		}
	}
	for (size_t sum = 0; sum < width; sum++) {
		if (fabs((double)sum - mean) >= fabs(observed - mean) - 1e-9)
			as_far += ways[chosen][sum];
	}
	return as_far / ways_to_choose(chosen, count);
}

static double normal_p(double doubled_sum, size_t chosen, size_t count, double ties)
{
	const double m = (double)chosen, total = (double)count;
	const double distance = fabs(doubled_sum / 2 - m * (total + 1) / 2) - 0.5;
	const double variance = m * (total - m) / 12 * (total + 1 - ties / (total * (total - 1)));

	if (variance <= 0 || distance <= 0)
		return 1;
	return erfc(distance / sqrt(2 * variance));
}

struct rank_test rank_test(const double *a, size_t a_count, const double *b, size_t b_count,
	double *pooled, double *ranks)
{
	const size_t count = a_count + b_count;
	const size_t chosen = a_count < b_count ? a_count : b_count;
	struct rank_test test = {
		.is_exact = count <= RANK_TEST_EXACT_MAX, .p = NAN, .least_p = NAN};
	double ties, sum;

	if (chosen == 0)
		return test;
	memcpy(pooled, a, a_count * sizeof(*a));
	memcpy(pooled + a_count, b, b_count * sizeof(*b));
	qsort(pooled, count, sizeof(*pooled), doubles_compare);
	ties = rank_values(pooled, count, ranks);
	sum = rank_sum(a_count < b_count ? a : b, chosen, pooled, ranks, count);
	test.p = test.is_exact ? exact_p(ranks, count, chosen, sum)
			       : normal_p(sum, chosen, count, ties);
	test.least_p = fmin(1, 2 / ways_to_choose(chosen, count));
	return test;
}

double median_of(double *values, size_t count)
{
	assert(count > 0);
	qsort(values, count, sizeof(*values), doubles_compare);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

double rank_shift(
	const double *a, size_t a_count, const double *b, size_t b_count, double *differences)
{
	for (size_t i = 0; i < a_count; i++) {
		for (size_t j = 0; j < b_count; j++)
			differences[i * b_count + j] = b[j] - a[i];
	}
	return median_of(differences, a_count * b_count);
}

/* The test with the smallest p of those that are still to do, or NULL. */
static struct rank_test *next_smallest(struct rank_test *tests, size_t count, const bool *is_done)
{
	struct rank_test *smallest = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!is_done[i] && !isnan(tests[i].p) && (!smallest || tests[i].p < smallest->p))
			smallest = &tests[i];
	}
	return smallest;
}

void rank_test_adjust(struct rank_test *tests, size_t count)
{
	bool is_done[64] = {false};
	size_t left = 0;
	double reached = 0;
	struct rank_test *test;

	assert(count <= sizeof(is_done) / sizeof(*is_done));
	for (size_t i = 0; i < count; i++)
		left += isnan(tests[i].p) ? 0 : 1;
	while ((test = next_smallest(tests, count, is_done))) {
		is_done[test - tests] = true;
		reached = fmax(reached, fmin(1, test->p * (double)left--));
		test->p = reached;
	}
}

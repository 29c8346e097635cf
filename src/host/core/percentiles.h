/* SPDX-License-Identifier: MIT */
/* Percentiles of kept samples: exact, by nearest rank, so that each is a value that was measured. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct percentiles {
	uint32_t samples; /* 0: the rest means nothing */
	double min, p50, p90, p95, p99, max;
};

/* The order of two doubles, for qsort and bsearch. */
int doubles_compare(const void *a, const void *b);

/* The smallest of the sorted values that at least this share (0 to 1) of them does not exceed. There
 * is one value at least. */
double percentile_of_sorted(const double *sorted, size_t count, double share);

/* Sorts the values, which are numbers. */
struct percentiles percentiles_of(double *values, size_t count);

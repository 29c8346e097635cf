/* SPDX-License-Identifier: MIT */
#include "host/core/percentiles.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

int doubles_compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double percentile_of_sorted(const double *sorted, size_t count, double share)
{
	/* 0.95 * 20 is a little above 19 in binary: what is within a millionth is meant to be whole. */
	const double rank = ceil(share * (double)count - 1e-6);

	assert(count > 0);
	if (rank < 1)
		return sorted[0];
	return rank >= (double)count ? sorted[count - 1] : sorted[(size_t)rank - 1];
}

struct percentiles percentiles_of(double *values, size_t count)
{
	if (count == 0)
		return (struct percentiles){0};
	qsort(values, count, sizeof(*values), doubles_compare);
	return (struct percentiles){
		.samples = (uint32_t)count,
		.min = values[0],
		.p50 = percentile_of_sorted(values, count, 0.50),
		.p90 = percentile_of_sorted(values, count, 0.90),
		.p95 = percentile_of_sorted(values, count, 0.95),
		.p99 = percentile_of_sorted(values, count, 0.99),
		.max = values[count - 1],
	};
}

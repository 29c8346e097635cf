/* SPDX-License-Identifier: MIT */
#include "drill/core/share_test.h"

#include <math.h>

/* The decimal logarithm of n choose k. */
static double log_choose(uint32_t n, uint32_t k)
{
	double sum = 0;

	if (k > n - k)
		k = n - k;
	for (uint32_t i = 0; i < k; i++)
		sum += log10((double)(n - i)) - log10((double)(i + 1));
	return sum;
}

double share_test(uint32_t before, uint32_t before_total, uint32_t after, uint32_t after_total)
{
	uint32_t marked = before + after, all = before_total + after_total;
	uint32_t most = marked < after_total ? marked : after_total;
	double sum = 0, term;

	if (after == 0 || after_total == 0)
		return 1;
	term = pow(10, log_choose(marked, after) + log_choose(all - marked, after_total - after) -
			       log_choose(all, after_total));
	for (uint32_t x = after;; x++) {
		sum += term;
		if (x >= most)
			break;
		term *= (double)(marked - x) * (double)(after_total - x) /
			((double)(x + 1) * (double)(all - marked - after_total + x + 1));
	}
	return fmin(sum, 1);
}

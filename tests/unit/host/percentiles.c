/* SPDX-License-Identifier: MIT */
#include "host/core/percentiles.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

/* Counting the values that a percentile does not exceed is the definition, not the formula. */
static void each_is_the_smallest_that_covers_its_share(void **state)
{
	const double shares[] = {0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1};
	double values[250];

	(void)state;
	for (size_t count = 1; count <= 250; count++) {
		for (size_t i = 0; i < count; i++)
			values[i] = (double)i;
		for (size_t s = 0; s < sizeof(shares) / sizeof(*shares); s++) {
			const double found = percentile_of_sorted(values, count, shares[s]);
			const double covered = (found + 1) / (double)count;

			assert_true(covered >= shares[s] - 1e-9);
			assert_true(found == 0 || found / (double)count < shares[s]);
		}
	}
}

static void values_need_no_order(void **state)
{
	double values[] = {3, 1, 2, 5, 4, 10, 9, 8, 7, 6};
	struct percentiles found = percentiles_of(values, 10);

	(void)state;
	assert_int_equal(found.samples, 10);
	assert_true(found.min == 1 && found.p50 == 5 && found.p90 == 9 && found.p95 == 10);
	assert_true(found.p99 == 10 && found.max == 10);
}

static void one_value_is_every_percentile(void **state)
{
	double value = -0.25;
	struct percentiles found = percentiles_of(&value, 1);

	(void)state;
	assert_int_equal(found.samples, 1);
	assert_true(found.min == value && found.p50 == value && found.p99 == value);
	assert_true(found.max == value);
}

static void no_value_has_no_percentile(void **state)
{
	(void)state;
	assert_int_equal(percentiles_of(NULL, 0).samples, 0);
}

/* 0.95 * 20 is 19.000000000000004 or 19, as the compiler likes: the 19th of 20 is meant. */
static void binary_fractions_do_not_shift_the_rank(void **state)
{
	double values[20];

	(void)state;
	for (size_t i = 0; i < 20; i++)
		values[i] = (double)i + 1;
	assert_true(percentile_of_sorted(values, 20, 0.95) == 19);
	assert_true(percentile_of_sorted(values, 20, 0.1 + 0.2) == 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_the_smallest_that_covers_its_share),
		cmocka_unit_test(values_need_no_order),
		cmocka_unit_test(one_value_is_every_percentile),
		cmocka_unit_test(no_value_has_no_percentile),
		cmocka_unit_test(binary_fractions_do_not_shift_the_rank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "drill/core/rank_test.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#define MAX 200

static struct rank_test test_of(const double *a, size_t a_count, const double *b, size_t b_count)
{
	static double pooled[MAX], ranks[MAX];

	return rank_test(a, a_count, b, b_count, pooled, ranks);
}

static void assert_near(double value, double expected, double within)
{
	if (!(fabs(value - expected) <= within))
		fail_msg("%.10g is not %.10g", value, expected);
}

/* By how many of the pairs b is ahead, ties half: U, from its definition. */
static double ahead(const double *a, size_t a_count, const double *b, size_t b_count)
{
	double pairs = 0;

	for (size_t i = 0; i < a_count; i++) {
		for (size_t j = 0; j < b_count; j++)
			pairs += b[j] > a[i] ? 1 : b[j] < a[i] ? 0 : 0.5;
	}
	return pairs;
}

/* Deals the values out in every possible way, and counts. */
static double p_by_dealing(const double *pooled, size_t a_count, size_t count)
{
	const double middle = (double)(a_count * (count - a_count)) / 2;
	const double observed =
		fabs(ahead(pooled, a_count, pooled + a_count, count - a_count) - middle);
	unsigned deals = 0, as_far = 0;

	for (unsigned deal = 0; deal < 1u << count; deal++) {
		double a[MAX], b[MAX];
		size_t a_dealt = 0, b_dealt = 0;

		for (size_t i = 0; i < count; i++) {
			if (deal >> i & 1)
				a[a_dealt++] = pooled[i];
			else
				b[b_dealt++] = pooled[i];
		}
		if (a_dealt != a_count)
			continue;
		deals++;
		as_far += fabs(ahead(a, a_dealt, b, b_dealt) - middle) >= observed - 1e-9;
	}
	return (double)as_far / deals;
}

static void exact_p_is_what_dealing_out_gives(void **state)
{
	(void)state;
	srand(1);
	for (int trial = 0; trial < 60; trial++) {
		const size_t count = 2 + (size_t)rand() % 10,
			     a_count = 1 + (size_t)rand() % (count - 1);
		double pooled[MAX];

		for (size_t i = 0; i < count; i++) /* ties in two of three trials */
			pooled[i] = trial % 3 == 0 ? rand() : rand() % 4;
		assert_near(test_of(pooled, a_count, pooled + a_count, count - a_count).p,
			p_by_dealing(pooled, a_count, count), 1e-12);
	}
}

/* The tables of every book: samples that do not overlap. */
static void separated_samples_have_the_least_p(void **state)
{
	static const struct {
		size_t size;
		double p;
	} known[] = {
		{2, 2 / 6.0}, {3, 2 / 20.0}, {4, 2 / 70.0}, {5, 2 / 252.0}, {10, 2 / 184756.0}};
	double a[10], b[10];

	(void)state;
	for (size_t i = 0; i < 10; i++) {
		a[i] = (double)i;
		b[i] = (double)i + 100;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		const struct rank_test test = test_of(a, known[i].size, b, known[i].size);

		assert_true(test.is_exact);
		assert_near(test.p, known[i].p, known[i].p * 1e-9);
		assert_near(test.least_p, known[i].p, known[i].p * 1e-9);
	}
}

static void order_of_the_samples_does_not_matter(void **state)
{
	const double a[] = {1.2, 3.4, 2.2, 9, 0.1}, b[] = {3.5, 3.4, 8, 12};

	(void)state;
	assert_near(test_of(a, 5, b, 4).p, test_of(b, 4, a, 5).p, 1e-12);
}

static void equal_samples_show_nothing(void **state)
{
	const double same[30] = {0};

	(void)state;
	assert_near(test_of(same, 3, same, 3).p, 1, 0);
	assert_near(test_of(same, 30, same, 30).p, 1, 0);
}

/* The exact p's of these samples, from counting with whole numbers. */
static void approximation_meets_the_exact_p(void **state)
{
	const double exact_20 = 0.009483607191205005, exact_21 = 0.010812429748575365;
	double a[21], b[21];
	struct rank_test approximate;

	(void)state;
	for (size_t i = 0; i < 21; i++) {
		a[i] = (double)i;
		b[i] = (double)i + 5.5;
	}
	assert_near(test_of(a, 20, b, 20).p, exact_20, 1e-12);
	approximate = test_of(a, 21, b, 21);
	assert_false(approximate.is_exact);
	assert_near(approximate.p, exact_21, exact_21 / 8);
}

/* Of samples from one source no more than one in twenty may differ at 0.05. */
static void chance_is_rarely_taken_for_a_difference(void **state)
{
	int found = 0;

	(void)state;
	srand(7);
	for (int trial = 0; trial < 400; trial++) {
		double values[20];

		for (size_t i = 0; i < 20; i++)
			values[i] = rand();
		found += test_of(values, 10, values + 10, 10).p <= 0.05;
	}
	assert_int_in_range(found, 4, 32); /* 17.5 are to be expected, 32 is 3.5 deviations more */
}

static void an_empty_sample_has_no_p(void **state)
{
	const double a[] = {1};

	(void)state;
	assert_true(isnan(test_of(a, 1, NULL, 0).p));
	assert_true(isnan(test_of(NULL, 0, a, 1).p));
}

static void shift_is_the_median_of_all_differences(void **state)
{
	const double a[] = {1, 2, 3}, b[] = {4.5, 5.5, 600};
	double differences[9];

	(void)state;
	assert_near(rank_shift(a, 3, b, 3, differences), 3.5, 1e-12);
	assert_near(rank_shift(b, 3, a, 3, differences), -3.5, 1e-12);
}

static void p_is_raised_by_the_number_of_questions(void **state)
{
	struct rank_test tests[] = {{.p = 0.04}, {.p = 0.01}, {.p = NAN}, {.p = 0.03}, {.p = 0.5}};

	(void)state;
	rank_test_adjust(tests, 5);
	assert_near(tests[1].p, 0.04, 1e-12); /* the smallest of four */
	assert_near(tests[3].p, 0.09, 1e-12);
	assert_near(tests[0].p, 0.09, 1e-12); /* 0.08, but not below the one before it */
	assert_near(tests[4].p, 0.5, 1e-12);
	assert_true(isnan(tests[2].p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact_p_is_what_dealing_out_gives),
		cmocka_unit_test(separated_samples_have_the_least_p),
		cmocka_unit_test(order_of_the_samples_does_not_matter),
		cmocka_unit_test(equal_samples_show_nothing),
		cmocka_unit_test(approximation_meets_the_exact_p),
		cmocka_unit_test(chance_is_rarely_taken_for_a_difference),
		cmocka_unit_test(an_empty_sample_has_no_p),
		cmocka_unit_test(shift_is_the_median_of_all_differences),
		cmocka_unit_test(p_is_raised_by_the_number_of_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

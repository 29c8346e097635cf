/* SPDX-License-Identifier: MIT */
#include "drill/core/comparison.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

static struct comparison_side a, b;
static double scratch[DRILL_MAX_RUNS * DRILL_MAX_RUNS];
static struct comparison comparison;

static void add(struct comparison_side *side, enum measure measure, double value)
{
	side->values[measure][side->counts[measure]++] = value;
}

static int clear(void **state)
{
	(void)state;
	a = b = (struct comparison_side){0};
	return 0;
}

static void compare(void)
{
	comparison_make(&comparison, &a, &b, scratch);
}

static void slower_stops_are_worse_and_quicker_ones_better(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		add(&a, MEASURE_STOP, 2 + 0.01 * i);
		add(&b, MEASURE_STOP, 3 + 0.01 * i);
		add(&a, MEASURE_OVERSHOOT, 0.5 + 0.01 * i);
		add(&b, MEASURE_OVERSHOOT, 0.1 + 0.01 * i);
	}
	compare();
	assert_int_equal(comparison.rows[MEASURE_STOP].word, COMPARISON_WORSE);
	assert_true(fabs(comparison.rows[MEASURE_STOP].shift - 1) < 1e-9);
	assert_true(fabs(comparison.rows[MEASURE_STOP].a_median - 2.045) < 1e-9);
	assert_true(comparison.rows[MEASURE_STOP].test.p < 0.001);
	assert_int_equal(comparison.rows[MEASURE_OVERSHOOT].word, COMPARISON_BETTER);
	assert_true(comparison.questions == 2 && comparison.worse == 1 && comparison.better == 1);
	assert_false(comparison.is_too_small);
}

static void noise_is_not_shown(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		add(&a, MEASURE_STOP, 2 + (i * 7 % 10));
		add(&b, MEASURE_STOP, 2.1 + (i * 3 % 10));
	}
	compare();
	assert_int_equal(comparison.rows[MEASURE_STOP].word, COMPARISON_NOT_SHOWN);
	assert_true(comparison.worse == 0 && comparison.better == 0 && !comparison.is_too_small);
}

static void what_is_always_equal_is_no_question(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		add(&a, MEASURE_CUT, 0);
		add(&b, MEASURE_CUT, 0);
		add(&a, MEASURE_STOP, i);
		add(&b, MEASURE_STOP, i + 100);
	}
	compare();
	assert_int_equal(comparison.rows[MEASURE_CUT].word, COMPARISON_EQUAL);
	assert_int_equal(comparison.questions, 1);
	assert_true(fabs(comparison.rows[MEASURE_STOP].test.p - 2 / 184756.0) < 1e-12);
}

/* A margin follows from the stop time, an ideal stop from what was asked for. */
static void what_is_no_cost_is_shown_and_not_judged(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		add(&a, MEASURE_MARGIN, 8 + i);
		add(&b, MEASURE_MARGIN, 1 + i);
	}
	compare();
	assert_int_equal(comparison.rows[MEASURE_MARGIN].word, COMPARISON_UNKNOWN);
	assert_true(fabs(comparison.rows[MEASURE_MARGIN].shift + 7) < 1e-9);
	assert_int_equal(comparison.questions, 0);
}

static void three_runs_each_are_too_few(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		add(&a, MEASURE_STOP, i);
		add(&b, MEASURE_STOP, 100 + i);
	}
	compare();
	assert_true(comparison.is_too_small);
	assert_int_equal(comparison.worse, 0);
	assert_int_equal(comparison_runs_needed(1), 4); /* 2/70; 2/20 is not below 0.05 */
	assert_int_equal(comparison_runs_needed(6), 5); /* 6 * 2/252 */
	assert_int_equal(comparison_runs_needed(0), 5);
}

static void side_without_runs_shows_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		add(&a, MEASURE_STOP, i);
	compare();
	assert_true(comparison.is_too_small);
	assert_true(isnan(comparison.rows[MEASURE_STOP].b_median));
	assert_true(isnan(comparison.rows[MEASURE_STOP].shift));
}

/* Most runs cut nothing on both sides: the median difference is 0, and B is worse all the same. */
static void rare_cuts_have_a_direction(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		add(&a, MEASURE_CUT, 0);
		add(&b, MEASURE_CUT, i < 9 ? 5 : 0);
	}
	compare();
	assert_true(fabs(comparison.rows[MEASURE_CUT].shift) < 1e-9);
	assert_int_equal(comparison.rows[MEASURE_CUT].word, COMPARISON_WORSE);
}

/* 0 of 50 kept requests were lost, then 46 of 50: nothing else differs. */
static void every_outcome_is_asked_for(void **state)
{
	const unsigned row = COMPARISON_ROW_OF_OUTCOME(OUTCOME_EOF_BEFORE_RESPONSE);
	static const double dropped[] = {10, 9, 9, 8, 10};

	(void)state;
	for (int i = 0; i < 5; i++) {
		a.values[row][a.counts[row]++] = 0;
		b.values[row][b.counts[row]++] = dropped[i];
		/* beside six costs of which nothing can be shown */
		for (unsigned m = 0; m < MEASURE_COUNT; m++) {
			add(&a, m, i);
			add(&b, m, i + 0.1);
		}
	}
	compare();
	assert_int_equal(comparison.rows[row].word, COMPARISON_WORSE);
	assert_true(comparison.questions == 7 && comparison.most_questions == 6);
	assert_string_equal(comparison_row_name(row), "eof_before_response");
	assert_true(comparison.worse == 1 && comparison.better == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(slower_stops_are_worse_and_quicker_ones_better, clear),
		cmocka_unit_test_setup(noise_is_not_shown, clear),
		cmocka_unit_test_setup(what_is_always_equal_is_no_question, clear),
		cmocka_unit_test_setup(what_is_no_cost_is_shown_and_not_judged, clear),
		cmocka_unit_test_setup(three_runs_each_are_too_few, clear),
		cmocka_unit_test_setup(side_without_runs_shows_nothing, clear),
		cmocka_unit_test_setup(every_outcome_is_asked_for, clear),
		cmocka_unit_test_setup(rare_cuts_have_a_direction, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

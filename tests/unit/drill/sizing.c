/* SPDX-License-Identifier: MIT */
#include "drill/core/sizing.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#define MAX 400

static double scratch[MAX];

static struct self_report stop_of(int64_t total_ms, int64_t longest_ms)
{
	return (struct self_report){.was_asked = true,
		.total_ms = total_ms,
		.drain_ms = total_ms,
		.headroom_ms = 29000 - total_ms,
		.longest_ms = longest_ms,
		.margin_ms = 1000,
		.busy_at_stop = longest_ms > 0};
}

static struct sizing size_up(const struct self_report *stops, size_t count)
{
	struct sizing sizing;

	sizing_make(&sizing, stops, count, scratch);
	return sizing;
}

static void settings_follow_from_the_longest(void **state)
{
	const struct self_report stops[] = {
		stop_of(2310, 2190), stop_of(8000, 7001), stop_of(50, 0)};
	const struct sizing sizing = size_up(stops, 3);

	(void)state;
	assert_true(sizing.deregistration_delay_s == 11); /* 7.001 * 1.5 = 10.5015 */
	assert_true(sizing.stop_timeout_s == 13); /* 8 * 1.5 + 1 */
	assert_int_equal(sizing.with_work, 2);
	assert_int_equal(sizing.stops, 3);
	assert_true(sizing.headroom_s.min == 21);
}

static void stops_without_work_say_nothing_of_requests(void **state)
{
	const struct self_report stops[] = {stop_of(50, 0), stop_of(60, SELF_REPORT_UNKNOWN)};
	const struct sizing sizing = size_up(stops, 2);

	(void)state;
	assert_true(isnan(sizing.deregistration_delay_s));
	assert_true(sizing.stop_timeout_s == 2); /* the least that ECS takes */
	assert_true(sizing.longer_share == 1);
}

static void short_requests_do_not_make_the_delay_too_short(void **state)
{
	const struct self_report stop = stop_of(20, 15);

	(void)state;
	assert_true(size_up(&stop, 1).deregistration_delay_s == 5);
}

static void an_application_that_ended_alone_was_no_stop(void **state)
{
	struct self_report stops[] = {stop_of(2000, 1000), stop_of(60000, 60000)};
	struct sizing sizing;

	(void)state;
	stops[1].was_asked = false;
	stops[1].cut = 3;
	sizing = size_up(stops, 2);
	assert_true(sizing.stops == 1 && sizing.ended_alone == 1);
	assert_true(sizing.total_s.max == 2);
	assert_true(sizing.cut == 3 && sizing.lost_work == 1); /* lost all the same */
}

static void unknown_counts_are_no_zeros(void **state)
{
	struct self_report stop = stop_of(2000, SELF_REPORT_UNKNOWN);
	struct sizing sizing;

	(void)state;
	stop.cut = stop.lost_bytes = stop.headroom_ms = SELF_REPORT_UNKNOWN;
	sizing = size_up(&stop, 1);
	assert_true(sizing.unwatched == 1 && sizing.lost_work == 0 && sizing.cut == 0);
	assert_int_equal(sizing.headroom_s.samples, 0);
}

static void no_stop_has_no_answer(void **state)
{
	const struct sizing sizing = size_up(NULL, 0);

	(void)state;
	assert_true(isnan(sizing.stop_timeout_s) && isnan(sizing.deregistration_delay_s));
}

/* Draws samples and looks at how often the promise about what is above the largest is broken. */
static void promise_about_the_largest_is_kept(void **state)
{
	const size_t sizes[] = {1, 5, 20, 59};

	(void)state;
	srand(3);
	assert_true(sizing_share_above_largest(0) == 1);
	assert_true(sizing_share_above_largest(59) < 0.05 && sizing_share_above_largest(58) > 0.05);
	for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		const double promised = sizing_share_above_largest(sizes[s]);
		int broken = 0;

		for (int trial = 0; trial < 4000; trial++) {
			double largest = 0;

			for (size_t i = 0; i < sizes[s]; i++)
				largest = fmax(largest, rand() / ((double)RAND_MAX + 1));
			broken += 1 - largest > promised;
		}
		assert_int_in_range(broken, 130, 270); /* 5 % of 4000, and four deviations */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_follow_from_the_longest),
		cmocka_unit_test(stops_without_work_say_nothing_of_requests),
		cmocka_unit_test(short_requests_do_not_make_the_delay_too_short),
		cmocka_unit_test(an_application_that_ended_alone_was_no_stop),
		cmocka_unit_test(unknown_counts_are_no_zeros),
		cmocka_unit_test(no_stop_has_no_answer),
		cmocka_unit_test(promise_about_the_largest_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "core/report/timeline.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static void expect_point(
	const struct timeline *timeline, size_t i, uint32_t at_ms, uint32_t busy, uint32_t open)
{
	assert_true(i < timeline->count);
	assert_int_equal(timeline->points[i].at_ms, at_ms);
	assert_int_equal(timeline->points[i].busy, busy);
	assert_int_equal(timeline->points[i].open, open);
}

static uint32_t highest_busy(const struct timeline *timeline)
{
	uint32_t highest = 0;

	for (size_t i = 0; i < timeline->count; i++) {
		if (timeline->points[i].busy > highest)
			highest = timeline->points[i].busy;
	}
	return highest;
}

static void expect_in_order(const struct timeline *timeline)
{
	for (size_t i = 1; i < timeline->count; i++)
		assert_true(timeline->points[i - 1].at_ms <= timeline->points[i].at_ms);
}

static void a_steady_load_is_two_points(void **state)
{
	struct timeline timeline;

	(void)state;
	timeline_init(&timeline);
	for (msec_t at = 0; at <= 5000; at += 50)
		timeline_add(&timeline, at, 3, 20);
	assert_int_equal(timeline.count, 2);
	expect_point(&timeline, 0, 0, 3, 20);
	expect_point(&timeline, 1, 5000, 3, 20);
}

static void a_step_keeps_its_edge(void **state)
{
	struct timeline timeline;

	(void)state;
	timeline_init(&timeline);
	for (msec_t at = 0; at < 1000; at += 100)
		timeline_add(&timeline, at, 3, 20);
	for (msec_t at = 1000; at <= 2000; at += 100)
		timeline_add(&timeline, at, 1, 18);
	assert_int_equal(timeline.count, 4);
	expect_point(&timeline, 1, 900, 3, 20);
	expect_point(&timeline, 2, 1000, 1, 18);
	expect_point(&timeline, 3, 2000, 1, 18);
}

/* Events may bring a sample every millisecond: they must not push one point along for ever. */
static void samples_faster_than_the_spacing_still_leave_points(void **state)
{
	struct timeline timeline;

	(void)state;
	timeline_init(&timeline);
	for (unsigned at = 0; at <= 100; at++)
		timeline_add(&timeline, at, 100 - at, 200);
	assert_int_in_range(timeline.count, 10, 12);
	expect_point(&timeline, 0, 0, 100, 200);
	expect_point(&timeline, timeline.count - 1, 100, 0, 200);
}

static void a_short_peak_is_kept(void **state)
{
	struct timeline timeline;

	(void)state;
	timeline_init(&timeline);
	timeline_add(&timeline, 0, 5, 10);
	timeline_add(&timeline, 100, 5, 10);
	timeline_add(&timeline, 101, 9, 10);
	timeline_add(&timeline, 102, 5, 10);
	timeline_add(&timeline, 103, 4, 10);
	assert_int_equal(timeline.count, 4);
	expect_point(&timeline, 2, 101, 9, 10);
	expect_point(&timeline, 3, 103, 4, 10);
}

static void thinning_keeps_first_latest_and_peak(void **state)
{
	struct timeline timeline;

	(void)state;
	timeline_init(&timeline);
	for (unsigned i = 0; i < 8; i++)
		timeline_add(&timeline, i * 100, i == 3 ? 50 : i, 60);
	assert_true(timeline_thin(&timeline));
	assert_int_equal(timeline.count, 5);
	expect_point(&timeline, 0, 0, 0, 60);
	expect_point(&timeline, 1, 200, 2, 60);
	expect_point(&timeline, 2, 300, 50, 60);
	expect_point(&timeline, 4, 700, 7, 60);
}

static void thinning_ends_when_only_what_must_stay_is_left(void **state)
{
	struct timeline timeline;
	unsigned rounds = 0;

	(void)state;
	timeline_init(&timeline);
	assert_false(timeline_thin(&timeline));
	for (unsigned i = 0; i < TIMELINE_POINTS; i++)
		timeline_add(&timeline, i * 100, i == 50 ? 99 : i % 7, 100);
	while (timeline_thin(&timeline))
		assert_true(++rounds < 20);
	assert_int_equal(timeline.count, 3);
	expect_point(&timeline, 0, 0, 0, 100);
	expect_point(&timeline, 1, 5000, 99, 100);
	expect_point(&timeline, 2, 11900, 0, 100);
}

/* A small generator of our own, so that a failure is the same everywhere. */
static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Two minutes in random steps and loads: whatever comes, the promises of the header hold after
 * each sample. */
static void any_load_stays_bounded_in_order_and_keeps_its_peak(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 50; seed++) {
		struct timeline timeline;
		uint32_t random = seed, peak = 0, first_busy = 0;
		msec_t at = 0;

		timeline_init(&timeline);
		for (unsigned i = 0; i < 3000; i++) {
			const uint32_t busy = next_random(&random) % (i % 100 == 0 ? 1000 : 3);

			if (i == 0)
				first_busy = busy;
			peak = busy > peak ? busy : peak;
			timeline_add(&timeline, at, busy, busy + 1);
			assert_int_in_range(timeline.count, 1, TIMELINE_POINTS);
			expect_point(&timeline, 0, 0, first_busy, first_busy + 1);
			expect_point(&timeline, timeline.count - 1, (uint32_t)at, busy, busy + 1);
			if (highest_busy(&timeline) != peak)
				fail_msg("seed %u, sample %u: the peak is gone", seed, i);
			at += next_random(&random) % 80;
		}
		expect_in_order(&timeline);
		assert_true(timeline.count >= TIMELINE_POINTS / 3);
	}
}

static void times_are_clamped_and_never_run_backwards(void **state)
{
	struct timeline timeline;

	(void)state;
	timeline_init(&timeline);
	timeline_add(&timeline, -5, 1, 1);
	timeline_add(&timeline, 500, 2, 2);
	timeline_add(&timeline, 400, 3, 3);
	timeline_add(&timeline, MSEC_NEVER, 4, 4);
	expect_point(&timeline, 0, 0, 1, 1);
	expect_point(&timeline, timeline.count - 1, UINT32_MAX, 4, 4);
	expect_in_order(&timeline);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_steady_load_is_two_points),
		cmocka_unit_test(a_step_keeps_its_edge),
		cmocka_unit_test(samples_faster_than_the_spacing_still_leave_points),
		cmocka_unit_test(a_short_peak_is_kept),
		cmocka_unit_test(thinning_keeps_first_latest_and_peak),
		cmocka_unit_test(thinning_ends_when_only_what_must_stay_is_left),
		cmocka_unit_test(any_load_stays_bounded_in_order_and_keeps_its_peak),
		cmocka_unit_test(times_are_clamped_and_never_run_backwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

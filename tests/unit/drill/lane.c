/* SPDX-License-Identifier: MIT */
#include "drill/core/lane.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#define MANY 100000
#define SECOND 1000000

static struct attempt attempts[MANY];
static struct lane_line scratch[MANY];
static struct lane lane;

static struct run run_of(size_t count)
{
	struct run run = {.number = 1, .attempts = attempts, .attempt_count = count};

	for (unsigned mark = 0; mark < RUN_MARK_COUNT; mark++)
		run.marks[mark] = DRILL_NEVER;
	run.marks[MARK_SIGNAL] = 0;
	run.marks[MARK_EXIT] = 3 * SECOND;
	run.marks[MARK_DEADLINE] = 10 * SECOND;
	for (size_t i = 0; i < count; i++)
		attempts[i] = (struct attempt){.cohort = COHORT_IN_FLIGHT,
			.start = -SECOND / 10,
			.end = (drill_us_t)(i + 1) * 3 * SECOND / (drill_us_t)count};
	return run;
}

static void axis_shows_all_and_a_near_deadline(void **state)
{
	struct run run = run_of(3);
	struct axis axis = axis_of_run(&run);

	(void)state;
	assert_false(axis.has_deadline); /* 10 s are more than three times 3 s */
	assert_true(axis.from < -SECOND / 10 && axis.to > 3 * SECOND && axis.to < 4 * SECOND);
	run.marks[MARK_DEADLINE] = 8 * SECOND;
	axis = axis_of_run(&run);
	assert_true(axis.has_deadline && axis.to > 8 * SECOND);
}

static void refusals_after_the_exit_are_no_failures(void **state)
{
	struct run run = run_of(3);
	const struct axis axis = axis_of_run(&run);

	(void)state;
	for (int i = 0; i < 3; i++) {
		attempts[i].cohort = COHORT_NEW;
		attempts[i].outcome = i < 2 ? OUTCOME_REFUSED : OUTCOME_RESET_CONNECT;
		attempts[i].phase_at_start = i == 0 ? DRILL_DRAINING : DRILL_AFTER_EXIT;
	}
	lane_fill(&lane, &run, COHORT_NEW, &axis, 100);
	assert_int_equal(lane.failures, 2);
	assert_int_equal(lane.totals[OUTCOME_GROUP_REFUSED], 1);
	assert_int_equal(lane.totals[OUTCOME_GROUP_GONE], 1);
	assert_int_equal(lane.totals[OUTCOME_GROUP_UNANSWERED], 1);
}

/* A request after the server's exit may wait for many seconds. */
static void what_goes_on_afterwards_does_not_squeeze_the_stop(void **state)
{
	struct run run = run_of(3);
	struct axis axis;

	(void)state;
	attempts[2].cohort = COHORT_NEW;
	attempts[2].outcome = OUTCOME_TIMEOUT_CONNECT;
	attempts[2].start = 29 * SECOND;
	attempts[2].end = 30 * SECOND;
	axis = axis_of_run(&run);
	assert_true(axis.to > 4 * SECOND && axis.to < 5 * SECOND);
	assert_false(axis.has_deadline);
	lane_fill(&lane, &run, COHORT_NEW, &axis, 100);
	assert_true(lane.totals[OUTCOME_GROUP_TIMEOUT] == 1 && lane.most_failed == 0);
}

static void axis_has_few_round_ticks(void **state)
{
	const drill_us_t ends[] = {1, 999, 10000, 123456, 3 * SECOND, 77 * SECOND, 3600LL * SECOND};

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		struct run run = run_of(0);
		struct axis axis;
		drill_us_t lead;

		run.marks[MARK_EXIT] = ends[i];
		axis = axis_of_run(&run);
		assert_true(axis.from < axis.to);
		assert_int_in_range((axis.to - axis.from) / axis.step, 3, 10);
		for (lead = axis.step; lead % 10 == 0;)
			lead /= 10;
		assert_true(lead == 1 || lead == 2 || lead == 5);
		assert_true(axis_first_tick(&axis) >= axis.from);
		assert_true(axis_first_tick(&axis) < axis.from + axis.step);
		assert_int_equal(axis_first_tick(&axis) % axis.step, 0);
	}
}

static void position_is_within_the_picture(void **state)
{
	const struct axis axis = {.from = -100, .to = 300};

	(void)state;
	assert_true(axis_position(&axis, -5000) == 0 && axis_position(&axis, DRILL_NEVER) == 1);
	assert_true(axis_position(&axis, 0) == 0.25 && axis_position(&axis, 300) == 1);
}

static void every_attempt_is_in_one_column(void **state)
{
	struct run run = run_of(MANY);
	struct axis axis = axis_of_run(&run);
	uint32_t counted = 0;

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		attempts[i].start = attempts[i].end;
		attempts[i].cohort = i % 2 ? COHORT_NEW : COHORT_KEEP_ALIVE;
	}
	attempts[77777].outcome = OUTCOME_TRUNCATED; /* odd */
	lane_fill(&lane, &run, COHORT_NEW, &axis, 240);
	for (unsigned c = 0; c < 240; c++) {
		for (unsigned g = 0; g < OUTCOME_GROUP_COUNT; g++)
			counted += lane.counts[c][g];
	}
	assert_int_equal(counted, MANY / 2);
	assert_int_equal(lane.attempts, MANY / 2);
	assert_int_equal(lane.failures, 1);
	assert_int_equal(lane.totals[OUTCOME_GROUP_CUT], 1);
	assert_int_equal(lane.most_failed, 1);
}

static void one_failure_among_many_has_a_step(void **state)
{
	(void)state;
	assert_int_equal(lane_steps(0, 1000, 8), 0);
	assert_int_equal(lane_steps(1, 1000, 8), 1);
	assert_int_equal(lane_steps(1000, 1000, 8), 8);
	assert_int_equal(lane_steps(UINT32_MAX, UINT32_MAX, 24), 24);
}

static void few_requests_are_all_lines(void **state)
{
	struct run run = run_of(LANE_MAX_LINES);
	struct lane_line lines[LANE_MAX_LINES];

	(void)state;
	assert_int_equal(lane_lines(lines, &run, COHORT_IN_FLIGHT, scratch), LANE_MAX_LINES);
	for (unsigned i = 1; i < LANE_MAX_LINES; i++)
		assert_true(lines[i].end > lines[i - 1].end);
	assert_int_equal(lane_lines(lines, &run, COHORT_NEW, scratch), 0);
}

static void many_requests_keep_their_last_and_every_failure(void **state)
{
	struct run run = run_of(MANY);
	struct lane_line lines[LANE_MAX_LINES];
	bool has_group[OUTCOME_GROUP_COUNT] = {false};
	unsigned good = 0;

	(void)state;
	attempts[5].outcome = OUTCOME_HTTP_5XX;
	attempts[60000].outcome = OUTCOME_RESET_MID_BODY;
	attempts[61000].outcome = OUTCOME_REFUSED;
	assert_int_equal(lane_lines(lines, &run, COHORT_IN_FLIGHT, scratch), LANE_MAX_LINES);
	for (unsigned i = 0; i < LANE_MAX_LINES; i++) {
		has_group[lines[i].group] = true;
		good += lines[i].group == OUTCOME_GROUP_OK;
		assert_true(i == 0 || lines[i].end >= lines[i - 1].end);
	}
	assert_true(has_group[OUTCOME_GROUP_ERROR] && has_group[OUTCOME_GROUP_CUT]);
	assert_true(has_group[OUTCOME_GROUP_REFUSED]);
	assert_int_equal(good, LANE_MAX_LINES - 3);
	assert_true(lines[LANE_MAX_LINES - 1].end == 3 * SECOND);
}

static void each_group_has_lines_in_proportion(void **state)
{
	struct run run = run_of(MANY);
	struct lane_line lines[LANE_MAX_LINES];
	unsigned cut = 0, count;

	(void)state;
	for (size_t i = 0; i < MANY; i += 4)
		attempts[i].outcome = OUTCOME_TRUNCATED;
	count = lane_lines(lines, &run, COHORT_IN_FLIGHT, scratch);
	for (unsigned i = 0; i < count; i++)
		cut += lines[i].group == OUTCOME_GROUP_CUT;
	assert_int_equal(count, LANE_MAX_LINES);
	assert_int_equal(cut, LANE_MAX_LINES / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(axis_shows_all_and_a_near_deadline),
		cmocka_unit_test(refusals_after_the_exit_are_no_failures),
		cmocka_unit_test(what_goes_on_afterwards_does_not_squeeze_the_stop),
		cmocka_unit_test(axis_has_few_round_ticks),
		cmocka_unit_test(position_is_within_the_picture),
		cmocka_unit_test(every_attempt_is_in_one_column),
		cmocka_unit_test(one_failure_among_many_has_a_step),
		cmocka_unit_test(few_requests_are_all_lines),
		cmocka_unit_test(many_requests_keep_their_last_and_every_failure),
		cmocka_unit_test(each_group_has_lines_in_proportion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/core/ecs_rollout.h"
#include "plan/core/estimate.h"
#include "unit/plan/plan_case.h"

static struct rollout rollout;

/* pull + boot 40 s, as in every profile. */
enum profile { DEFAULT, DELAY30, TUNED };

static struct plan_inputs rolling(int64_t desired, int64_t min, int64_t max, enum profile profile)
{
	return plan_case(PLAN_ECS,
		PLAN_SETS({PLAN_DESIRED, desired, false}, {PLAN_MIN_PERCENT, min, false},
			{PLAN_MAX_PERCENT, max, false},
			{PLAN_HEALTH_INTERVAL, SECONDS(profile == TUNED ? 5 : 30), false},
			{PLAN_UNHEALTHY_COUNT, 3, false},
			{PLAN_DEREGISTRATION_DELAY, SECONDS(profile == DEFAULT ? 300 : 30), false},
			{PLAN_STOP, SECONDS(profile == TUNED ? 1 : 30), false}));
}

/* Seconds; 0: nothing is known of it. */
static const struct {
	int64_t desired, min, max;
	enum profile profile;
	int64_t batch, waves, upper_new, upper, lower_new, lower;
} rows[] = {
	{100, 90, 110, DEFAULT, 20, 5, 2000, 2000, 350, 680},
	{100, 90, 110, DELAY30, 20, 5, 0, 650, 0, 410},
	{100, 90, 110, TUNED, 20, 5, 0, 380, 0, 256},
	{100, 90, 150, DEFAULT, 60, 2, 470, 800, 140, 470},
	{100, 90, 150, DELAY30, 60, 2, 0, 260, 0, 200},
	{100, 90, 150, TUNED, 60, 2, 0, 152, 0, 121},
	{100, 100, 200, DEFAULT, 100, 1, 70, 400, 70, 400},
	{100, 100, 200, DELAY30, 100, 1, 0, 130, 0, 130},
	{100, 100, 200, TUNED, 100, 1, 0, 76, 0, 76},
	{10, 50, 200, DEFAULT, 15, 1, 70, 400, 70, 400},
	{10, 50, 200, DELAY30, 15, 1, 0, 130, 0, 130},
	{10, 50, 200, TUNED, 15, 1, 0, 76, 0, 76},
	{10, 100, 200, DEFAULT, 10, 1, 70, 400, 70, 400},
	{4, 50, 100, DEFAULT, 2, 2, 800, 800, 140, 400},
	{4, 50, 100, DELAY30, 2, 2, 0, 260, 0, 140},
	{4, 50, 100, TUNED, 2, 2, 0, 152, 0, 90},
	{10, 100, 110, DEFAULT, 1, 10, 3670, 4000, 700, 1030},
	{10, 100, 110, DELAY30, 1, 10, 0, 1300, 0, 760},
	{10, 100, 110, TUNED, 1, 10, 0, 760, 0, 481},
	{1, 100, 200, DEFAULT, 1, 1, 70, 400, 70, 400},
	{1, 100, 200, DELAY30, 1, 1, 0, 130, 0, 130},
	{1, 100, 200, TUNED, 1, 1, 0, 76, 0, 76},
	{10, 0, 100, DEFAULT, 10, 1, 400, 400, 70, 330},
};

static void check_seconds(const char *what, size_t row, int64_t msec, int64_t seconds)
{
	if (seconds != 0 && msec != SECONDS(seconds))
		fail_msg("row %zu: %s is %lld ms, not %lld s", row, what, (long long)msec,
			(long long)seconds);
}

/* The published tables for a rolling deployment: 100 tasks at 90/110 go 20 at a time, at 90/150 60. */
static void rolling_deployments_take_as_long_as_the_tables_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct plan_inputs inputs =
			rolling(rows[i].desired, rows[i].min, rows[i].max, rows[i].profile);

		estimate_rollout(&rollout, &inputs, true);
		assert_false(rollout.is_stuck);
		assert_int_equal(rollout.batch, rows[i].batch);
		assert_int_equal(rollout.waves, rows[i].waves);
		check_seconds("all new, upper", i, rollout.all_new, rows[i].upper_new);
		check_seconds("total, upper", i, rollout.complete, rows[i].upper);
		assert_true(rollout.most_running <= rollout.ceiling);
		assert_true(rollout.least_healthy >= rollout.floor);
		estimate_rollout(&rollout, &inputs, false);
		check_seconds("all new, lower", i, rollout.all_new, rows[i].lower_new);
		check_seconds("total, lower", i, rollout.complete, rows[i].lower);
		assert_true(rollout.least_healthy >= rollout.floor);
	}
}

static const struct {
	int64_t desired, min, max, freeing_max, freeing_min;
} stuck_rows[] = {
	{1, 100, 134, 200, 0},
	{2, 75, 125, 150, 50},
	{1, 50, 150, 200, 0},
	{3, 100, 125, 134, 66},
	{7, 90, 110, 115, 85},
	{9, 100, 109, 112, 88},
	{5, 100, 100, 120, 80},
	{1, 100, 100, 200, 0},
};

static void no_room_is_stuck_and_one_change_frees_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof stuck_rows / sizeof *stuck_rows; i++) {
		const int64_t desired = stuck_rows[i].desired;
		const int64_t max = ecs_freeing_max(desired, stuck_rows[i].min);
		const int64_t min = ecs_freeing_min(desired, stuck_rows[i].max);
		struct plan_inputs inputs =
			rolling(desired, stuck_rows[i].min, stuck_rows[i].max, DEFAULT);

		estimate_rollout(&rollout, &inputs, true);
		assert_true(rollout.is_stuck);
		assert_int_equal(rollout.old_gone == ROLLOUT_NEVER, 1);
		assert_int_equal(max, stuck_rows[i].freeing_max);
		assert_int_equal(min, stuck_rows[i].freeing_min);

		inputs.values[PLAN_MAX_PERCENT].number = max;
		estimate_rollout(&rollout, &inputs, true);
		assert_false(rollout.is_stuck);
		inputs.values[PLAN_MAX_PERCENT].number = max - 1;
		estimate_rollout(&rollout, &inputs, true);
		assert_true(rollout.is_stuck);

		inputs.values[PLAN_MAX_PERCENT].number = stuck_rows[i].max;
		inputs.values[PLAN_MIN_PERCENT].number = min;
		estimate_rollout(&rollout, &inputs, true);
		assert_false(rollout.is_stuck);
		inputs.values[PLAN_MIN_PERCENT].number = min + 1;
		estimate_rollout(&rollout, &inputs, true);
		assert_true(rollout.is_stuck);
	}
}

/* D=10, 100/200, delay 300, stop 30: 400 s become 70 s. 90 % of 100 are 90, 50 % of 3 are 2. */
static void early_success_completes_when_enough_tasks_are_healthy(void **state)
{
	struct plan_inputs inputs = rolling(10, 100, 200, DEFAULT);

	(void)state;
	inputs.values[PLAN_EARLY_SUCCESS].number = PLAN_EARLY_DEFERRED;
	inputs.values[PLAN_EARLY_PERCENT].number = 100;
	estimate_rollout(&rollout, &inputs, true);
	assert_int_equal(rollout.complete, SECONDS(70));
	assert_int_equal(rollout.old_gone, SECONDS(400));
	inputs.values[PLAN_EARLY_SUCCESS].number = PLAN_EARLY_BLOCKING;
	estimate_rollout(&rollout, &inputs, true);
	assert_int_equal(rollout.complete, SECONDS(400));

	inputs = rolling(3, 100, 134, DEFAULT); /* one at a time */
	inputs.values[PLAN_EARLY_SUCCESS].number = PLAN_EARLY_DEFERRED;
	inputs.values[PLAN_EARLY_PERCENT].number = 50;
	estimate_rollout(&rollout, &inputs, false);
	assert_int_equal(rollout.complete, SECONDS(140));
	assert_int_equal(rollout.all_new, SECONDS(210));
}

static const struct {
	int64_t tenths, bakes;
} linear_rows[] = {{100, 9}, {110, 9}, {250, 3}, {30, 33}, {500, 1}, {1000, 0}, {333, 3}};

static void linear_bakes_between_its_steps(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof linear_rows / sizeof *linear_rows; i++)
		assert_int_equal(ecs_linear_bakes(linear_rows[i].tenths), linear_rows[i].bakes);
}

/* D=10, start and healthy 45 s, drain and stop 31 s. */
static const struct {
	enum plan_strategy strategy;
	int64_t bake_minutes, total;
} family_rows[] = {
	{PLAN_BLUE_GREEN, 15, 976},
	{PLAN_LINEAR, 15, 4216},
	{PLAN_CANARY, 15, 1576},
	{PLAN_EXPRESS, 3, 436},
};

static void traffic_shifting_takes_the_bakes_and_one_drain(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof family_rows / sizeof *family_rows; i++) {
		const struct plan_inputs inputs = plan_case(PLAN_ECS,
			PLAN_SETS({PLAN_STRATEGY, family_rows[i].strategy, false},
				{PLAN_DESIRED, 10, false},
				{PLAN_HEALTH_INTERVAL, SECONDS(5), false},
				{PLAN_UNHEALTHY_COUNT, 3, false},
				{PLAN_DEREGISTRATION_DELAY, SECONDS(30), false},
				{PLAN_STOP, SECONDS(1), false},
				{PLAN_BAKE, SECONDS(60 * family_rows[i].bake_minutes), false}));

		estimate_rollout(&rollout, &inputs, true);
		assert_int_equal(rollout.complete, SECONDS(family_rows[i].total));
		assert_int_equal(rollout.all_new, SECONDS(45));
		assert_int_equal(rollout.most_running, 20);
		assert_int_equal(rollout.least_healthy, 10);
	}
}

static void hooks_count_once_or_at_each_step(void **state)
{
	struct plan_inputs inputs = plan_case(PLAN_ECS,
		PLAN_SETS({PLAN_STRATEGY, PLAN_LINEAR, false}, {PLAN_STEP_PERCENT, 250, false}));
	int64_t without;

	(void)state;
	estimate_rollout(&rollout, &inputs, true);
	without = rollout.complete;
	inputs.values[PLAN_HOOKS].number = SECONDS(60);
	inputs.values[PLAN_STEP_HOOKS].number = SECONDS(10);
	estimate_rollout(&rollout, &inputs, true);
	assert_int_equal(rollout.complete - without, SECONDS(60 + 4 * 10));
}

/* A target that fails its checks before it has booted has to pass all of them. */
static void slow_boot_needs_every_success(void **state)
{
	struct plan_inputs inputs = plan_case(PLAN_ECS, PLAN_SETS({PLAN_BOOT, SECONDS(59), false}));

	(void)state;
	assert_false(ecs_boots_too_slowly(&inputs));
	assert_int_equal(ecs_task(&inputs).healthy, SECONDS(30));
	inputs.values[PLAN_BOOT].number = SECONDS(60);
	assert_true(ecs_boots_too_slowly(&inputs));
	assert_int_equal(ecs_task(&inputs).healthy, SECONDS(150));
}

static void task_without_load_balancer_is_not_drained(void **state)
{
	const struct plan_inputs inputs =
		plan_case(PLAN_ECS, PLAN_SETS({PLAN_LOAD_BALANCER, 0, false}));
	const struct plan_inputs checked =
		plan_case(PLAN_ECS, PLAN_SETS({PLAN_LOAD_BALANCER, 0, false},
					    {PLAN_HEALTH_INTERVAL, SECONDS(10), false}));

	(void)state;
	assert_int_equal(ecs_task(&inputs).drain, 0);
	assert_int_equal(ecs_task(&inputs).healthy, SECONDS(40));
	assert_int_equal(ecs_task(&checked).healthy, SECONDS(10));
}

static void application_is_killed_at_the_stop_timeout(void **state)
{
	const struct plan_inputs inputs =
		plan_case(PLAN_ECS, PLAN_SETS({PLAN_STOP, SECONDS(90), false},
					    {PLAN_STOP_TIMEOUT, SECONDS(20), false}));

	(void)state;
	assert_int_equal(ecs_task(&inputs).stop, SECONDS(20));
}

/* Every desired count with a few percentages: the bounds are in order, floor and ceiling hold, and N * c is
 * the upper bound. */
static void bounds_hold_for_every_desired_count(void **state)
{
	static const struct {
		int64_t min, max;
	} percents[] = {
		{90, 110}, {100, 200}, {50, 100}, {0, 100}, {66, 133}, {100, 101}, {75, 150}};

	(void)state;
	for (int64_t desired = 1; desired <= 200; desired++) {
		for (size_t p = 0; p < sizeof percents / sizeof *percents; p++) {
			const struct plan_inputs inputs = rolling(desired, percents[p].min,
				percents[p].max, (enum profile)(desired % 3));
			struct rollout_task task;
			int64_t lower, lower_new;

			estimate_rollout(&rollout, &inputs, false);
			if (rollout.is_stuck)
				continue;
			lower = rollout.complete;
			lower_new = rollout.all_new;
			estimate_rollout(&rollout, &inputs, true);
			task = rollout.task;
			assert_true(lower <= rollout.complete);
			assert_true(lower_new <= rollout.all_new);
			assert_true(rollout.most_running <= rollout.ceiling);
			assert_true(rollout.least_healthy >= rollout.floor);
			assert_true(rollout.complete <=
				    rollout.waves *
					    (task.start + task.healthy + task.drain + task.stop));
		}
	}
}

static void no_task_is_no_deployment(void **state)
{
	(void)state;
	for (unsigned platform = 0; platform < PLAN_PLATFORM_COUNT; platform++) {
		const struct plan_inputs inputs =
			plan_case(platform, PLAN_SETS({PLAN_DESIRED, 0, false}));

		estimate_rollout(&rollout, &inputs, true);
		assert_false(rollout.is_stuck);
		assert_int_equal(rollout.complete, 0);
		assert_int_equal(rollout.most_running, 0);
	}
}

/* Boot 10 s; the target group takes 5 s more, a check of the container comes at 30 s, 60 s. */
static void container_check_has_to_succeed_beside_that_of_a_target_group(void **state)
{
	struct plan_inputs inputs =
		plan_case(PLAN_ECS, PLAN_SETS({PLAN_HEALTH_INTERVAL, SECONDS(5), false},
					    {PLAN_UNHEALTHY_COUNT, 3, false}));

	(void)state;
	assert_int_equal(ecs_task(&inputs).healthy, SECONDS(5));
	inputs.container_interval = SECONDS(30);
	assert_int_equal(ecs_task(&inputs).healthy, SECONDS(20));
	inputs.values[PLAN_BOOT].number = SECONDS(31);
	inputs.values[PLAN_UNHEALTHY_COUNT].number = 10;
	assert_int_equal(ecs_task(&inputs).healthy, SECONDS(29));
	inputs.values[PLAN_BOOT].number = 0;
	assert_int_equal(ecs_task(&inputs).healthy, SECONDS(30));
	inputs.container_interval = SECONDS(5);
	assert_false(ecs_container_check_decides(&inputs));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rolling_deployments_take_as_long_as_the_tables_say),
		cmocka_unit_test(no_room_is_stuck_and_one_change_frees_it),
		cmocka_unit_test(early_success_completes_when_enough_tasks_are_healthy),
		cmocka_unit_test(linear_bakes_between_its_steps),
		cmocka_unit_test(traffic_shifting_takes_the_bakes_and_one_drain),
		cmocka_unit_test(hooks_count_once_or_at_each_step),
		cmocka_unit_test(slow_boot_needs_every_success),
		cmocka_unit_test(task_without_load_balancer_is_not_drained),
		cmocka_unit_test(application_is_killed_at_the_stop_timeout),
		cmocka_unit_test(no_task_is_no_deployment),
		cmocka_unit_test(bounds_hold_for_every_desired_count),
		cmocka_unit_test(container_check_has_to_succeed_beside_that_of_a_target_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

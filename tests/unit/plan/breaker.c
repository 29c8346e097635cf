/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/core/breaker.h"
#include "plan/core/rollout.h"
#include "unit/plan/plan_case.h"

static const struct {
	int64_t desired, value;
	enum plan_threshold type;
	int64_t threshold;
} rows[] = {
	{1, 50, PLAN_BOUNDED_PERCENT, 3},
	{2, 50, PLAN_BOUNDED_PERCENT, 3},
	{5, 50, PLAN_BOUNDED_PERCENT, 3},
	{6, 50, PLAN_BOUNDED_PERCENT, 3},
	{7, 50, PLAN_BOUNDED_PERCENT, 4},
	{10, 50, PLAN_BOUNDED_PERCENT, 5},
	{25, 50, PLAN_BOUNDED_PERCENT, 13},
	{100, 50, PLAN_BOUNDED_PERCENT, 50},
	{400, 50, PLAN_BOUNDED_PERCENT, 200},
	{1000, 50, PLAN_BOUNDED_PERCENT, 200},
	{1000, 50, PLAN_UNBOUNDED_PERCENT, 500},
	{1, 50, PLAN_UNBOUNDED_PERCENT, 1},
	{1000, 7, PLAN_THRESHOLD_VALUE, 7},
};

static void threshold_is_rounded_up_and_bounded(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(breaker_threshold(rows[i].desired, rows[i].type, rows[i].value),
			rows[i].threshold);
}

/* With room for one task three have to fail one after the other. */
static void breaker_trips_sooner_when_more_tasks_fail_at_once(void **state)
{
	struct plan_inputs inputs = plan_case(PLAN_ECS, PLAN_SETS({PLAN_DESIRED, 1, false}));
	struct breaker breaker = breaker_make(&inputs);

	(void)state;
	assert_int_equal(breaker.at_once, 1);
	assert_int_equal(breaker.crash_trip, SECONDS(3 * 40));
	assert_int_equal(breaker.unhealthy_trip, SECONDS(3 * (40 + 60 + 330)));
	inputs.values[PLAN_DESIRED].number = 5;
	breaker = breaker_make(&inputs);
	assert_int_equal(breaker.at_once, 5);
	assert_int_equal(breaker.crash_trip, SECONDS(40));
}

/* minimumHealthyPercent 100 stops no old task before a new one is healthy: none has to come back. */
static void rollback_restarts_what_was_stopped(void **state)
{
	struct plan_inputs inputs = plan_case(PLAN_ECS, PLAN_SETS({PLAN_DESIRED, 10, false}));
	struct breaker breaker = breaker_make(&inputs);

	(void)state;
	assert_int_equal(breaker.replaced, 0);
	assert_int_equal(breaker.rollback, SECONDS(330));
	inputs.values[PLAN_MIN_PERCENT].number = 50;
	breaker = breaker_make(&inputs);
	assert_int_equal(breaker.replaced, 5);
	assert_int_equal(breaker.rollback, SECONDS(70 + 330));
}

/* Tasks that crash are all that the breaker sees then. */
static void no_health_check_finds_no_unhealthy_task(void **state)
{
	struct plan_inputs inputs = plan_case(PLAN_ECS, PLAN_SETS({PLAN_LOAD_BALANCER, 0, false}));

	(void)state;
	assert_int_equal(breaker_make(&inputs).unhealthy_trip, ROLLOUT_NEVER);
	inputs = plan_case(PLAN_ECS, PLAN_SETS({PLAN_LOAD_BALANCER, 0, false},
					     {PLAN_HEALTH_INTERVAL, SECONDS(10), false}));
	assert_int_equal(breaker_make(&inputs).unhealthy_trip, SECONDS(3 * (40 + 20 + 30)));
}

/* The largest inputs that there are, failing one after the other. */
static void largest_inputs_do_not_overflow(void **state)
{
	struct plan_inputs inputs = plan_case(PLAN_ECS, PLAN_SETS({PLAN_DESIRED, 1, false}));
	const int64_t start = plan_input_row(PLAN_PULL)->max + plan_input_row(PLAN_BOOT)->max;
	const int64_t checks = plan_input_row(PLAN_UNHEALTHY_COUNT)->max *
			       plan_input_row(PLAN_HEALTH_INTERVAL)->max;
	const int64_t end =
		plan_input_row(PLAN_STOP)->max + plan_input_row(PLAN_DEREGISTRATION_DELAY)->max;
	const int64_t most_failed = breaker_threshold(plan_input_row(PLAN_DESIRED)->max,
		PLAN_UNBOUNDED_PERCENT, plan_input_row(PLAN_BREAKER_VALUE)->max);
	struct breaker breaker;

	(void)state;
	assert_true(most_failed <= INT64_MAX / (start + checks + end));
	for (unsigned i = 0; i < PLAN_INPUT_COUNT; i++) {
		if (plan_input_row(i)->unit == PLAN_UNIT_DURATION)
			inputs.values[i].number = plan_input_row(i)->max;
	}
	inputs.values[PLAN_UNHEALTHY_COUNT].number = plan_input_row(PLAN_UNHEALTHY_COUNT)->max;
	inputs.values[PLAN_BREAKER_TYPE].number = PLAN_THRESHOLD_VALUE;
	inputs.values[PLAN_BREAKER_VALUE].number = plan_input_row(PLAN_BREAKER_VALUE)->max;
	breaker = breaker_make(&inputs);
	assert_int_equal(breaker.unhealthy_trip, breaker.threshold * (start + checks + end));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threshold_is_rounded_up_and_bounded),
		cmocka_unit_test(breaker_trips_sooner_when_more_tasks_fail_at_once),
		cmocka_unit_test(no_health_check_finds_no_unhealthy_task),
		cmocka_unit_test(largest_inputs_do_not_overflow),
		cmocka_unit_test(rollback_restarts_what_was_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

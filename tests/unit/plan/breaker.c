/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/core/breaker.h"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threshold_is_rounded_up_and_bounded),
		cmocka_unit_test(breaker_trips_sooner_when_more_tasks_fail_at_once),
		cmocka_unit_test(rollback_restarts_what_was_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

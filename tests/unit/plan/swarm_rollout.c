/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/core/swarm_rollout.h"
#include "plan/core/estimate.h"
#include "unit/plan/plan_case.h"

static struct rollout rollout;

/* Seconds. T = ceil(N/P) * (x + delay), then delay + 1 where that is at least the monitor, else the monitor. */
static const struct {
	int64_t desired, parallelism, delay, monitor, exit, start;
	enum plan_order order;
	int64_t complete, old_gone, peak;
} rows[] = {
	{4, 1, 0, 5, 10, 2, PLAN_STOP_FIRST, 4 * 12 + 5, 3 * 12 + 10, 4},
	{4, 2, 10, 5, 10, 2, PLAN_STOP_FIRST, 2 * 22 + 11, 22 + 10, 4},
	{4, 0, 0, 5, 10, 2, PLAN_STOP_FIRST, 12 + 5, 10, 4},
	{4, 3, 0, 0, 10, 2, PLAN_STOP_FIRST, 2 * 12 + 5, 12 + 10, 4},
	{4, 1, 5, 5, 10, 2, PLAN_START_FIRST, 4 * 7 + 6, 3 * 7 + 2 + 10, 6},
	{4, 4, 0, 20, 1, 2, PLAN_START_FIRST, 2 + 20, 2 + 1, 8},
	/* after a minute the new task starts beside the old one */
	{2, 1, 0, 5, 90, 2, PLAN_STOP_FIRST, 2 * 62 + 5, 62 + 90, 3},
};

static void updates_take_as_long_as_the_updater_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct plan_inputs inputs = plan_case(
			PLAN_SWARM, PLAN_SETS({PLAN_DESIRED, rows[i].desired, false},
					    {PLAN_PARALLELISM, rows[i].parallelism, false},
					    {PLAN_DELAY, SECONDS(rows[i].delay), false},
					    {PLAN_MONITOR, SECONDS(rows[i].monitor), false},
					    {PLAN_STOP, SECONDS(rows[i].exit), false},
					    {PLAN_STOP_TIMEOUT, SECONDS(120), false},
					    {PLAN_PULL, SECONDS(rows[i].start), false},
					    {PLAN_ORDER, rows[i].order, false}));

		estimate_rollout(&rollout, &inputs, true);
		if (rollout.complete != SECONDS(rows[i].complete) ||
			rollout.old_gone != SECONDS(rows[i].old_gone) ||
			rollout.most_running != rows[i].peak)
			fail_msg("row %zu: %lld ms, old gone after %lld ms, %lld tasks", i,
				(long long)rollout.complete, (long long)rollout.old_gone,
				(long long)rollout.most_running);
	}
}

/* Docker checks for the first time one interval after the start. */
static void running_waits_for_the_health_check(void **state)
{
	struct plan_inputs inputs = plan_case(PLAN_SWARM,
		PLAN_SETS({PLAN_PULL, SECONDS(2), false}, {PLAN_BOOT, SECONDS(12), false},
			{PLAN_HEALTH_INTERVAL, SECONDS(10), false}));
	struct rollout_task task = swarm_task(&inputs);

	(void)state;
	assert_int_equal(task.start + task.healthy, SECONDS(2 + 20));
	inputs.values[PLAN_BOOT].number = SECONDS(3);
	task = swarm_task(&inputs);
	assert_int_equal(task.start + task.healthy, SECONDS(2 + 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(updates_take_as_long_as_the_updater_does),
		cmocka_unit_test(running_waits_for_the_health_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

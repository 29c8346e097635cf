/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/core/kubernetes_rollout.h"
#include "plan/core/estimate.h"
#include "unit/plan/plan_case.h"

static struct rollout rollout;

/* Ready `ready` seconds after their order, gone `exit` seconds after theirs. */
static struct plan_inputs workload(enum plan_kind kind, int64_t desired, int64_t surge,
	bool surge_is_percent, int64_t unavailable, bool unavailable_is_percent, int64_t ready,
	int64_t exit)
{
	return plan_case(PLAN_KUBERNETES,
		PLAN_SETS({PLAN_KIND, kind, false}, {PLAN_DESIRED, desired, false},
			{PLAN_MAX_SURGE, surge, surge_is_percent},
			{PLAN_MAX_UNAVAILABLE, unavailable, unavailable_is_percent},
			{PLAN_PULL, 0, false}, {PLAN_BOOT, SECONDS(ready), false},
			{PLAN_HEALTH_INTERVAL, SECONDS(1), false},
			{PLAN_STOP_TIMEOUT, SECONDS(60), false},
			{PLAN_STOP, SECONDS(exit), false}));
}

static const struct {
	int64_t desired, surge, unavailable, ready, exit;
	bool are_percent;
	int64_t surge_pods, unavailable_pods, complete, old_gone, peak;
} rows[] = {
	{10, 25, 25, 10, 30, true, 3, 2, 20, 50, 20},
	{10, 1, 0, 10, 30, false, 1, 0, 100, 130, 14},
	{4, 1, 1, 10, 30, false, 1, 1, 20, 50, 8},
	{1, 1, 0, 10, 30, false, 1, 0, 10, 40, 2},
	{100, 25, 25, 10, 30, true, 25, 25, 20, 50, 200},
	{2, 1, 0, 20, 40, false, 1, 0, 40, 80, 4},
	{3, 0, 1, 10, 30, false, 0, 1, 30, 50, 6},
};

static void deployments_take_as_long_as_the_controller_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct plan_inputs inputs = workload(PLAN_DEPLOYMENT, rows[i].desired,
			rows[i].surge, rows[i].are_percent, rows[i].unavailable,
			rows[i].are_percent, rows[i].ready, rows[i].exit);
		const struct kubernetes_fenceposts f = kubernetes_fenceposts(&inputs);

		estimate_rollout(&rollout, &inputs, true);
		assert_int_equal(f.surge, rows[i].surge_pods);
		assert_int_equal(f.unavailable, rows[i].unavailable_pods);
		assert_int_equal(rollout.complete, SECONDS(rows[i].complete));
		assert_int_equal(rollout.old_gone, SECONDS(rows[i].old_gone));
		if (rollout.most_running != rows[i].peak)
			fail_msg("row %zu: %lld pods, not %lld", i, (long long)rollout.most_running,
				(long long)rows[i].peak);
	}
}

/* Each controller rounds in its own way. */
static const struct {
	enum plan_kind kind;
	int64_t desired, surge, unavailable, surge_pods, unavailable_pods;
} rounding_rows[] = {
	{PLAN_DEPLOYMENT, 3, 25, 25, 1, 0},
	{PLAN_DEPLOYMENT, 3, 0, 0, 0, 1}, /* both 0: one may be missing */
	{PLAN_DEPLOYMENT, 3, 0, 25, 0, 1},
	{PLAN_STATEFUL_SET, 3, 0, 50, 0, 1}, /* 1.5 */
	{PLAN_STATEFUL_SET, 3, 0, 25, 0, 1}, /* 0.75: one at least */
	{PLAN_STATEFUL_SET, 10, 0, 29, 0, 2},
	{PLAN_DAEMON_SET, 3, 0, 50, 0, 2},
	{PLAN_DAEMON_SET, 10, 21, 0, 3, 0},
};

static void percentages_are_rounded_as_each_controller_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rounding_rows / sizeof *rounding_rows; i++) {
		const struct plan_inputs inputs = workload(rounding_rows[i].kind,
			rounding_rows[i].desired, rounding_rows[i].surge, true,
			rounding_rows[i].unavailable, true, 10, 30);
		const struct kubernetes_fenceposts f = kubernetes_fenceposts(&inputs);

		assert_int_equal(f.surge, rounding_rows[i].surge_pods);
		assert_int_equal(f.unavailable, rounding_rows[i].unavailable_pods);
	}
}

/* (D - partition) * (e + r + m), ceil(nodes / U) * (e + r + m), ceil(nodes / S) * (r + m). */
static void other_kinds_take_as_long_as_their_formulas(void **state)
{
	struct plan_inputs inputs = workload(PLAN_STATEFUL_SET, 5, 0, false, 1, false, 10, 30);

	(void)state;
	inputs.values[PLAN_MIN_READY].number = SECONDS(2);
	inputs.values[PLAN_PARTITION].number = 2;
	estimate_rollout(&rollout, &inputs, true);
	assert_int_equal(rollout.complete, SECONDS(3 * 42));
	assert_int_equal(rollout.least_healthy, 4);
	assert_int_equal(rollout.most_running, 5);

	inputs = workload(PLAN_DAEMON_SET, 10, 0, false, 3, false, 10, 30);
	estimate_rollout(&rollout, &inputs, true);
	assert_int_equal(rollout.complete, SECONDS(4 * 40));

	inputs = workload(PLAN_DAEMON_SET, 10, 30, true, 0, false, 10, 30);
	estimate_rollout(&rollout, &inputs, true);
	assert_int_equal(rollout.complete, SECONDS(4 * 10));
	assert_int_equal(rollout.old_gone, SECONDS(4 * 10 + 30));

	inputs = workload(PLAN_RECREATE, 10, 0, false, 1, false, 10, 30);
	estimate_rollout(&rollout, &inputs, true);
	assert_int_equal(rollout.complete, SECONDS(40));
	assert_int_equal(rollout.least_healthy, 0);

	inputs = workload(PLAN_JOB, 4, 0, false, 1, false, 10, 30);
	estimate_rollout(&rollout, &inputs, true);
	assert_int_equal(rollout.complete, SECONDS(10));
	inputs.values[PLAN_REPLACEMENT].number = 1;
	estimate_rollout(&rollout, &inputs, true);
	assert_int_equal(rollout.complete, SECONDS(40));
}

/* Since 1.35 maxUnavailable may let several pods of an ordered StatefulSet go at once: both are bounds. */
static void stateful_set_has_two_bounds(void **state)
{
	struct plan_inputs inputs = workload(PLAN_STATEFUL_SET, 6, 0, false, 3, false, 10, 30);

	(void)state;
	estimate_rollout(&rollout, &inputs, true);
	assert_int_equal(rollout.complete, SECONDS(6 * 40));
	estimate_rollout(&rollout, &inputs, false);
	assert_int_equal(rollout.complete, SECONDS(2 * 40));
	inputs.values[PLAN_POD_MANAGEMENT].number = 1;
	estimate_rollout(&rollout, &inputs, true);
	assert_int_equal(rollout.complete, SECONDS(2 * 40));
}

static void ready_comes_with_the_first_probe_after_the_boot(void **state)
{
	struct plan_inputs inputs = workload(PLAN_DEPLOYMENT, 1, 1, false, 0, false, 12, 30);
	struct rollout_task task;

	(void)state;
	inputs.values[PLAN_HEALTH_INTERVAL].number = SECONDS(10);
	inputs.values[PLAN_INITIAL_DELAY].number = SECONDS(5);
	inputs.values[PLAN_HEALTHY_COUNT].number = 2;
	task = kubernetes_task(&inputs);
	assert_int_equal(task.start + task.healthy, SECONDS(15 + 10)); /* probes at 5, 15, 25 */
	inputs.values[PLAN_HEALTH_INTERVAL].number = 0;
	task = kubernetes_task(&inputs);
	assert_int_equal(task.start + task.healthy, 0);
}

static void pre_stop_and_exit_share_the_grace_period(void **state)
{
	struct plan_inputs inputs = workload(PLAN_DEPLOYMENT, 1, 1, false, 0, false, 1, 50);
	struct rollout_task task;

	(void)state;
	inputs.values[PLAN_PRE_STOP].number = SECONDS(20);
	task = kubernetes_task(&inputs);
	assert_int_equal(task.drain, SECONDS(20));
	assert_int_equal(task.stop, SECONDS(40));
	inputs.values[PLAN_PRE_STOP].number = SECONDS(90);
	task = kubernetes_task(&inputs);
	assert_int_equal(task.drain + task.stop, SECONDS(60));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deployments_take_as_long_as_the_controller_does),
		cmocka_unit_test(percentages_are_rounded_as_each_controller_does),
		cmocka_unit_test(other_kinds_take_as_long_as_their_formulas),
		cmocka_unit_test(stateful_set_has_two_bounds),
		cmocka_unit_test(ready_comes_with_the_first_probe_after_the_boot),
		cmocka_unit_test(pre_stop_and_exit_share_the_grace_period),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/core/levers.h"
#include "plan/core/estimate.h"
#include "unit/plan/plan_case.h"

static struct rollout upper, lower, scratch;
static struct levers levers;

static void make(const struct plan_inputs *inputs)
{
	estimate_rollout(&upper, inputs, true);
	estimate_rollout(&lower, inputs, false);
	levers_make(&levers, inputs, &upper, &lower, &scratch);
}

static int64_t saved_by(enum plan_input input)
{
	for (unsigned i = 0; i < levers.count; i++) {
		if (levers.levers[i].row->input == input)
			return levers.levers[i].saves;
	}
	return 0;
}

/* The default service: 400 s, of which 330 are deregistration and stop. */
static void levers_of_ecs_are_sorted_by_what_they_save(void **state)
{
	const struct plan_inputs inputs = plan_case(PLAN_ECS, PLAN_SETS({PLAN_DESIRED, 10, false}));

	(void)state;
	make(&inputs);
	assert_int_equal(upper.complete, SECONDS(400));
	assert_int_equal(levers.levers[0].row->input, PLAN_EARLY_SUCCESS);
	assert_int_equal(saved_by(PLAN_EARLY_SUCCESS), SECONDS(330));
	assert_int_equal(saved_by(PLAN_DEREGISTRATION_DELAY), SECONDS(270));
	assert_int_equal(saved_by(PLAN_STOP), SECONDS(29));
	assert_int_equal(saved_by(PLAN_HEALTH_INTERVAL), SECONDS(25));
	assert_int_equal(saved_by(PLAN_PULL), SECONDS(20));
	assert_int_equal(saved_by(PLAN_MAX_PERCENT), 0);
	for (unsigned i = 1; i < levers.count; i++)
		assert_true(levers.levers[i - 1].saves >= levers.levers[i].saves);
	assert_int_equal(levers.all, SECONDS(10 + 10 + 5));
}

/* HealthCheckIntervalSeconds is of a target group, and there is none. */
static void service_without_a_target_group_gets_a_check_of_its_container(void **state)
{
	const struct plan_inputs inputs = plan_case(
		PLAN_ECS, PLAN_SETS({PLAN_DESIRED, 10, false}, {PLAN_LOAD_BALANCER, 0, false}));
	char line[256];
	struct text setting;

	(void)state;
	make(&inputs);
	assert_int_equal(saved_by(PLAN_HEALTH_INTERVAL), SECONDS(35));
	for (unsigned i = 0; i < levers.count; i++) {
		text_init(&setting, line, sizeof line);
		lever_add_setting(&setting, &levers.levers[i]);
		assert_null(strstr(line, "HealthyThresholdCount"));
	}
}

static const struct lever *lever_of(enum plan_input input)
{
	for (unsigned i = 0; i < levers.count; i++) {
		if (levers.levers[i].row->input == input)
			return &levers.levers[i];
	}
	return NULL;
}

/* Three failures 5 s apart come before a boot of 20 s ends: without a grace period ECS would stop each new task. */
static void frequent_checks_need_a_grace_period_above_the_boot(void **state)
{
	struct plan_inputs inputs = plan_case(
		PLAN_ECS, PLAN_SETS({PLAN_DESIRED, 10, false}, {PLAN_BOOT, SECONDS(20), false}));

	(void)state;
	make(&inputs);
	assert_non_null(lever_of(PLAN_HEALTH_INTERVAL));
	assert_non_null(
		strstr(lever_of(PLAN_HEALTH_INTERVAL)->row->cost, "healthCheckGracePeriodSeconds"));
	inputs.values[PLAN_HEALTH_GRACE].number = SECONDS(30);
	make(&inputs);
	assert_null(lever_of(PLAN_HEALTH_INTERVAL)->row->cost);
	inputs.values[PLAN_HEALTH_GRACE].number = 0;
	inputs.values[PLAN_BOOT].number = SECONDS(14);
	make(&inputs);
	assert_null(lever_of(PLAN_HEALTH_INTERVAL)->row->cost);
}

static void slower_check_of_a_container_is_the_one_to_change(void **state)
{
	struct plan_inputs inputs = plan_case(PLAN_ECS,
		PLAN_SETS({PLAN_DESIRED, 10, false}, {PLAN_HEALTH_INTERVAL, SECONDS(5), false},
			{PLAN_UNHEALTHY_COUNT, 3, false}));
	char line[128];
	struct text setting;

	(void)state;
	inputs.container_interval = SECONDS(30);
	make(&inputs);
	text_init(&setting, line, sizeof line);
	lever_add_setting(&setting, lever_of(PLAN_HEALTH_INTERVAL));
	assert_string_equal(line, "\"healthCheck\": {\"interval\": 5, \"timeout\": 4}");
	assert_int_equal(lever_of(PLAN_HEALTH_INTERVAL)->now.number, SECONDS(30));
	assert_int_equal(saved_by(PLAN_HEALTH_INTERVAL), SECONDS(15));
}

/* Three failures 10 s apart are seen after 30 s. */
static void monitor_is_not_shortened_below_the_health_check(void **state)
{
	struct plan_inputs inputs = plan_case(
		PLAN_SWARM, PLAN_SETS({PLAN_DESIRED, 4, false}, {PLAN_MONITOR, SECONDS(40), false},
				    {PLAN_HEALTH_INTERVAL, SECONDS(10), false}));

	(void)state;
	make(&inputs);
	assert_null(lever_of(PLAN_MONITOR));
	inputs.values[PLAN_HEALTH_INTERVAL].number = SECONDS(1);
	make(&inputs);
	assert_int_equal(saved_by(PLAN_MONITOR), SECONDS(35));
}

/* Express mode takes neither an entry point nor bake times. */
static void express_mode_gets_no_setting_that_it_lacks(void **state)
{
	const struct plan_inputs inputs = plan_case(PLAN_ECS,
		PLAN_SETS({PLAN_DESIRED, 10, false}, {PLAN_STRATEGY, PLAN_EXPRESS, false},
			{PLAN_CANARY_BAKE, SECONDS(600), false}, {PLAN_BAKE, SECONDS(600), false}));
	char line[128];
	struct text setting;

	(void)state;
	make(&inputs);
	assert_null(lever_of(PLAN_CANARY_BAKE));
	assert_null(lever_of(PLAN_BAKE));
	text_init(&setting, line, sizeof line);
	lever_add_setting(&setting, lever_of(PLAN_STOP));
	assert_string_equal(line, "ENTRYPOINT [\"lastcall\", \"--\"]");
}

/* Over five waves a shorter delay counts five times. */
static void lever_saves_in_every_wave(void **state)
{
	const struct plan_inputs inputs = plan_case(
		PLAN_ECS, PLAN_SETS({PLAN_DESIRED, 100, false}, {PLAN_MIN_PERCENT, 90, false},
				  {PLAN_MAX_PERCENT, 110, false}));

	(void)state;
	make(&inputs);
	assert_int_equal(saved_by(PLAN_DEREGISTRATION_DELAY), SECONDS(5 * 270));
	assert_int_equal(saved_by(PLAN_STOP), SECONDS(5 * 29));
	/* where draining tasks hold no slot, early success cuts off the last wave's drain */
	assert_int_equal(levers.levers[levers.count - 1].row->input, PLAN_EARLY_SUCCESS);
	assert_int_equal(levers.levers[levers.count - 1].saves, 0);
	assert_int_equal(levers.levers[levers.count - 1].saves_lower, SECONDS(330));
}

static void setting_names_the_value(void **state)
{
	const struct plan_inputs inputs =
		plan_case(PLAN_SWARM, PLAN_SETS({PLAN_DESIRED, 10, false}));
	char setting[128] = "";

	(void)state;
	make(&inputs);
	for (unsigned i = 0; i < levers.count; i++) {
		struct text text;

		if (levers.levers[i].row->input != PLAN_PARALLELISM)
			continue;
		text_init(&text, setting, sizeof setting);
		lever_add_setting(&text, &levers.levers[i]);
	}
	assert_string_equal(setting, "update_config: {parallelism: 3}");
	assert_int_equal(saved_by(PLAN_PULL), SECONDS(10 * 8));
}

/* On Kubernetes a long exit costs a Deployment no time, and so no lever shortens it. */
static void exit_is_no_lever_of_a_deployment(void **state)
{
	struct plan_inputs inputs =
		plan_case(PLAN_KUBERNETES, PLAN_SETS({PLAN_DESIRED, 10, false}));

	(void)state;
	make(&inputs);
	assert_int_equal(saved_by(PLAN_STOP), 0);
	assert_true(saved_by(PLAN_MAX_SURGE) > 0);
	inputs.values[PLAN_KIND].number = PLAN_STATEFUL_SET;
	make(&inputs);
	assert_int_equal(saved_by(PLAN_STOP), SECONDS(10 * 24)); /* 5 s of --min-drain stay */
}

/* Its API refuses maxSurge and maxUnavailable (1 by default) together. */
static void surge_of_a_daemon_set_comes_without_unavailable_pods(void **state)
{
	const struct plan_inputs inputs = plan_case(PLAN_KUBERNETES,
		PLAN_SETS({PLAN_DESIRED, 10, false}, {PLAN_KIND, PLAN_DAEMON_SET, false}));
	char line[128];
	struct text setting;

	(void)state;
	make(&inputs);
	text_init(&setting, line, sizeof line);
	lever_add_setting(&setting, lever_of(PLAN_MAX_SURGE));
	assert_string_equal(line, "maxSurge: 100%, maxUnavailable: 0");
	assert_non_null(strstr(lever_of(PLAN_MAX_UNAVAILABLE)->row->cost, "not with maxSurge"));
}

static void stuck_deployment_has_no_levers(void **state)
{
	const struct plan_inputs inputs =
		plan_case(PLAN_ECS, PLAN_SETS({PLAN_MAX_PERCENT, 134, false}));

	(void)state;
	make(&inputs);
	assert_true(upper.is_stuck);
	assert_int_equal(levers.count, 0);
}

/* Whatever the inputs: with a better value the deployment takes no longer. */
static void no_lever_makes_it_longer(void **state)
{
	static const enum plan_input inputs_of_time[] = {
		PLAN_PULL, PLAN_HEALTH_INTERVAL, PLAN_DEREGISTRATION_DELAY, PLAN_STOP};

	(void)state;
	for (int64_t desired = 1; desired <= 60; desired++) {
		for (int64_t max = 101; max <= 200; max += 33) {
			struct plan_inputs inputs =
				plan_case(PLAN_ECS, PLAN_SETS({PLAN_DESIRED, desired, false},
							    {PLAN_MIN_PERCENT, 80, false},
							    {PLAN_MAX_PERCENT, max, false}));

			make(&inputs);
			for (size_t i = 0; i < 4 && !upper.is_stuck; i++) {
				struct plan_inputs less = inputs;

				less.values[inputs_of_time[i]].number /= 2;
				estimate_rollout(&scratch, &less, true);
				assert_true(scratch.complete <= upper.complete);
			}
			assert_true(upper.is_stuck || levers.all <= upper.complete);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levers_of_ecs_are_sorted_by_what_they_save),
		cmocka_unit_test(service_without_a_target_group_gets_a_check_of_its_container),
		cmocka_unit_test(frequent_checks_need_a_grace_period_above_the_boot),
		cmocka_unit_test(slower_check_of_a_container_is_the_one_to_change),
		cmocka_unit_test(monitor_is_not_shortened_below_the_health_check),
		cmocka_unit_test(express_mode_gets_no_setting_that_it_lacks),
		cmocka_unit_test(lever_saves_in_every_wave),
		cmocka_unit_test(setting_names_the_value),
		cmocka_unit_test(exit_is_no_lever_of_a_deployment),
		cmocka_unit_test(surge_of_a_daemon_set_comes_without_unavailable_pods),
		cmocka_unit_test(stuck_deployment_has_no_levers),
		cmocka_unit_test(no_lever_makes_it_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "core/status/stop_forecast.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW 100000

/* docker stop's 10 s: gone by 9 s, drain 6.3 s, SIGKILL at 8.55 s. */
static const struct stop_budget docker = {
	.timeout = 10000,
	.margin = 1000,
	.gone = 9000,
	.drain = 6300,
	.term_grace = MSEC_NEVER,
	.kill_reserve = 450,
};
static const struct stop_settings drain_first = {.exit_when_idle = MSEC_NEVER};

static struct stop_facts facts_of(unsigned busy, unsigned unsure)
{
	return (struct stop_facts){
		.main_alive = true,
		.connections_visible = true,
		.has_listened = true,
		.busy = busy,
		.unsure = unsure,
		.polled_at = NOW,
	};
}

static void assert_forecast(const struct stop_forecast *forecast, enum stop_waits waits,
	msec_t at_least, msec_t at_most)
{
	assert_int_equal(forecast->waits_for, waits);
	assert_int_equal(forecast->at_least, at_least);
	assert_int_equal(forecast->at_most, at_most);
}

static void a_stop_waits_for_what_holds_it(void **state)
{
	static const struct {
		unsigned busy, unsure, recent;
		msec_t doubt_ends_in, settles_in, at_most;
		enum stop_waits waits;
	} rows[] = {
		{2, 0, 0, 0, 0, 6300, STOP_WAITS_WORK},
		{1, 1, 0, 4000, 0, 6300, STOP_WAITS_WORK},
		{0, 1, 0, 4000, 0, 4000, STOP_WAITS_WORK},
		{0, 1, 1, 4000, 150, 4000, STOP_WAITS_WORK},
		{0, 1, 0, 10000, 0, 6300, STOP_WAITS_WORK},
		{0, 0, 1, 0, 150, 150, STOP_WAITS_WORK},
		{0, 0, 0, 0, 0, 8550, STOP_WAITS_APP},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		unsigned held = rows[i].busy + rows[i].unsure + rows[i].recent;
		struct stop_facts facts = facts_of(held, rows[i].unsure);
		struct conn_counts counts = {.busy = rows[i].busy,
			.unsure = rows[i].unsure,
			.held = held,
			.doubt_ends_in = rows[i].doubt_ends_in,
			.settles_in = rows[i].settles_in};
		struct stop_forecast forecast;
		struct stop_plan plan;

		stop_plan_init(&plan, &docker, &drain_first);
		forecast = stop_forecast_of(&plan, &facts, &counts, NOW);
		assert_forecast(&forecast, rows[i].waits, 0, rows[i].at_most);
		assert_false(forecast.is_under_way);
		assert_false(forecast.is_cut_off);
		assert_int_equal(forecast.kill_in, 8550);
		assert_int_equal(forecast.exit_in, 9000);
		assert_int_equal(plan.state, STOP_SERVING);
		assert_int_equal(plan.started, MSEC_NEVER);
	}
}

static void a_minimum_is_served(void **state)
{
	struct stop_budget budget = docker;
	struct stop_facts facts = facts_of(0, 0);
	struct conn_counts counts = {0};
	struct stop_forecast forecast;
	struct stop_plan plan;

	(void)state;
	budget.min_drain = 5000;
	stop_plan_init(&plan, &budget, &drain_first);
	forecast = stop_forecast_of(&plan, &facts, &counts, NOW);
	assert_forecast(&forecast, STOP_WAITS_MINIMUM, 5000, 5000);
	facts.busy = counts.held = counts.busy = 1;
	forecast = stop_forecast_of(&plan, &facts, &counts, NOW);
	assert_forecast(&forecast, STOP_WAITS_WORK, 5000, 6300);
	budget.min_drain = 0;
	budget.quiet_period = 1000;
	facts.busy = counts.held = counts.busy = 0;
	stop_plan_init(&plan, &budget, &drain_first);
	forecast = stop_forecast_of(&plan, &facts, &counts, NOW);
	assert_forecast(&forecast, STOP_WAITS_MINIMUM, 1000, 6300);
}

static void what_cannot_be_seen_takes_the_budget(void **state)
{
	struct stop_facts facts = facts_of(0, 0);
	struct conn_counts counts = {0};
	struct stop_forecast forecast;
	struct stop_plan plan;

	(void)state;
	facts.connections_visible = false;
	stop_plan_init(&plan, &docker, &drain_first);
	forecast = stop_forecast_of(&plan, &facts, &counts, NOW);
	assert_forecast(&forecast, STOP_WAITS_BLIND, 0, 6300);
}

/* Also where the stop timeout is too short to drain in. */
static void a_signal_at_once_cuts_off_what_is_in_flight(void **state)
{
	static const struct stop_settings signal_first = {
		.order = ORDER_SIGNAL_FIRST, .exit_when_idle = MSEC_NEVER};
	struct stop_facts facts = facts_of(2, 0);
	struct conn_counts counts = {.busy = 2, .held = 2};
	struct stop_forecast forecast;
	struct stop_plan plan;

	(void)state;
	stop_plan_init(&plan, &docker, &signal_first);
	forecast = stop_forecast_of(&plan, &facts, &counts, NOW);
	assert_forecast(&forecast, STOP_WAITS_APP, 0, 8550);
	assert_true(forecast.is_cut_off);
}

static void work_that_is_no_connection_holds_a_stop(void **state)
{
	struct stop_facts facts = facts_of(1, 0);
	struct conn_counts counts = {0};
	struct stop_forecast forecast;
	struct stop_plan plan;

	(void)state;
	stop_plan_init(&plan, &docker, &drain_first);
	forecast = stop_forecast_of(&plan, &facts, &counts, NOW);
	assert_forecast(&forecast, STOP_WAITS_WORK, 0, 6300);
}

/* Each phase, with what is left of it. */
static void a_stop_under_way_is_told_as_it_is(void **state)
{
	struct stop_facts facts = facts_of(1, 0);
	struct conn_counts counts = {.busy = 1, .held = 1};
	struct stop_forecast forecast;
	struct stop_plan plan;

	(void)state;
	stop_plan_init(&plan, &docker, &drain_first);
	facts.stop_signals = 1;
	(void)stop_plan_step(&plan, &facts, NOW);
	forecast = stop_forecast_of(&plan, &facts, &counts, NOW + 1300);
	assert_true(forecast.is_under_way);
	assert_forecast(&forecast, STOP_WAITS_WORK, 0, 5000);
	assert_int_equal(forecast.kill_in, 8550 - 1300);
	facts.polled_at = NOW + 1300;
	facts.busy = counts.busy = counts.held = 0;
	(void)stop_plan_step(&plan, &facts, NOW + 1300);
	forecast = stop_forecast_of(&plan, &facts, &counts, NOW + 2000);
	assert_forecast(&forecast, STOP_WAITS_APP, 0, 8550 - 2000);
	facts.main_alive = false;
	facts.others_alive = true;
	(void)stop_plan_step(&plan, &facts, NOW + 2000);
	forecast = stop_forecast_of(&plan, &facts, &counts, NOW + 2000);
	assert_forecast(&forecast, STOP_WAITS_OTHERS, 0, 8550 - 2000);
	facts.others_alive = false;
	facts.undelivered = 1;
	(void)stop_plan_step(&plan, &facts, NOW + 2000);
	forecast = stop_forecast_of(&plan, &facts, &counts, NOW + 2000);
	assert_int_equal(forecast.waits_for, STOP_WAITS_BYTES);
	facts.undelivered = 0;
	facts.polled_at = NOW + 2000;
	(void)stop_plan_step(&plan, &facts, NOW + 2000);
	forecast = stop_forecast_of(&plan, &facts, &counts, NOW + 2000);
	assert_int_equal(forecast.waits_for, STOP_WAITS_NOTHING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stop_waits_for_what_holds_it),
		cmocka_unit_test(a_minimum_is_served),
		cmocka_unit_test(what_cannot_be_seen_takes_the_budget),
		cmocka_unit_test(a_signal_at_once_cuts_off_what_is_in_flight),
		cmocka_unit_test(work_that_is_no_connection_holds_a_stop),
		cmocka_unit_test(a_stop_under_way_is_told_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

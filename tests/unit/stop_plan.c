/* SPDX-License-Identifier: MIT */
/* The machine is driven by tables: at a time, what is true, and which state and actions must follow. */
#include "core/stop/stop_plan.h"
#include "core/stop/stop_phases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define START 1000 /* when the stop signal arrives, in every table */

enum { DO_NOTHING = 0 };

/* A row: at START + at, with these facts, the plan shall be in `state` and have asked for `actions`. */
struct row {
	msec_t at;
	unsigned stop_signals;
	bool main_alive, others_alive;
	unsigned busy, undelivered;
	enum stop_state state;
	unsigned actions;
};

static struct stop_plan plan;
static bool each_signal_hurries;

/* docker stop's 10 s: gone by 9 s, drain 6.3 s, SIGKILL at 8.55 s, report at 8.91 s. The grace was given. */
static const struct stop_budget docker_stop = {
	.timeout = 10000,
	.margin = 1000,
	.gone = 9000,
	.drain = 6300,
	.term_grace = 2250,
	.kill_reserve = 450,
};

static void begin(enum stop_order order, enum stop_wait wait, bool hurry)
{
	const struct stop_settings settings = {
		.order = order,
		.wait = wait,
		.exit_when_idle = MSEC_NEVER,
	};

	each_signal_hurries = hurry;
	stop_plan_init(&plan, &docker_stop, &settings);
}

static struct stop_facts facts_of(const struct row *row, bool visible)
{
	return (struct stop_facts){
		.stop_signals = row->stop_signals,
		.hurries = each_signal_hurries && row->stop_signals > 1 ? row->stop_signals - 1 : 0,
		.main_alive = row->main_alive,
		.others_alive = row->others_alive,
		.connections_visible = visible,
		.polled_at = START + row->at,
		.busy = row->busy,
		.undelivered = row->undelivered,
	};
}

/* A step with the facts of one row of a table. */
static void expect_step(size_t row, msec_t at, const struct stop_facts *facts,
	enum stop_state state, unsigned actions)
{
	unsigned got = stop_plan_step(&plan, facts, START + at);

	if (plan.state != state || got != actions)
		fail_msg("row %zu (at %d ms): state %s, actions %#x; expected %s, %#x", row,
			(int)at, stop_state_name(plan.state), got, stop_state_name(state), actions);
}

static void drive_seeing(const struct row *rows, size_t count, bool visible)
{
	for (size_t i = 0; i < count; i++) {
		struct stop_facts facts = facts_of(&rows[i], visible);

		expect_step(i, rows[i].at, &facts, rows[i].state, rows[i].actions);
	}
}

static void drive(const struct row *rows, size_t count)
{
	drive_seeing(rows, count, true);
}

#define DRIVE(rows) drive(rows, sizeof(rows) / sizeof *(rows))

static void work_is_finished_then_the_application_is_told(void **state)
{
	static const struct row rows[] = {
		{-500, 0, true, false, 7, 0, STOP_SERVING, DO_NOTHING},
		{0, 1, true, false, 7, 0, STOP_DRAINING, DO_NOTHING},
		{3000, 1, true, false, 1, 0, STOP_DRAINING, DO_NOTHING},
		{3100, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{3200, 1, true, false, 0, 0, STOP_TERMINATING, DO_NOTHING},
		{3300, 1, false, false, 0, 2, STOP_FLUSHING, DO_NOTHING},
		{3400, 1, false, false, 0, 0, STOP_DONE, DO_NOTHING},
	};
	struct stop_phases phases;

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	DRIVE(rows);
	phases = stop_plan_phases(&plan);
	assert_int_equal(phases.drain, 3100);
	assert_int_equal(phases.term, 200);
	assert_int_equal(phases.kill, 0);
	assert_int_equal(phases.flush, 100);
	assert_int_equal(phases.total, 3400);
	assert_false(plan.budget_exhausted || plan.ended_by_itself || plan.main_killed);
}

/* At a time: how many connections hold the drain, how many of them for doubt alone, how many have a
 * request in flight, and when the oldest of these began. */
struct holding_row {
	msec_t at;
	unsigned held, unsure, in_flight;
	msec_t asked_since; /* after START */
	enum stop_state state;
};

static void drive_holding(const struct holding_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct stop_facts facts = {
			.stop_signals = 1,
			.main_alive = true,
			.connections_visible = true,
			.polled_at = START + rows[i].at,
			.dumped_at = START + rows[i].at,
			.busy = rows[i].held,
			.unsure = rows[i].unsure,
			.unproven = rows[i].unsure,
			.in_flight = rows[i].in_flight,
			.asked_since = msec_add(rows[i].asked_since, START),
		};

		(void)stop_plan_step(&plan, &facts, START + rows[i].at);
		if (plan.state != rows[i].state)
			fail_msg("row %zu (at %d ms): state %s", i, (int)rows[i].at,
				stop_state_name(plan.state));
	}
}

/* The drain budget is 6.3 s: the last third begins after 4.2 s. */
static void clients_that_go_on_asking_are_left_when_few_wait(void **state)
{
	static const struct holding_row rows[] = {
		{0, 5, 0, 3, MSEC_NEVER, STOP_DRAINING},
		{1000, 5, 0, 1, 900, STOP_DRAINING},
		{4100, 5, 0, 1, 4000, STOP_DRAINING}, /* not yet */
		{4300, 5, 0, 1, 4199, STOP_DRAINING}, /* one of them has waited since before */
		{4400, 5, 0, 2, 4300, STOP_DRAINING}, /* there have been fewer */
		{4420, 5, 0, 1, MSEC_NEVER,
			STOP_DRAINING}, /* one may have waited since before the stop */
		{4440, 5, 0, 1, 4300, STOP_TERMINATING},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	drive_holding(rows, sizeof rows / sizeof *rows);
	assert_int_equal(plan.reason, STOP_BECAUSE_LULL);
	assert_false(plan.budget_exhausted);
	assert_true(stop_plan_leaves_work(&plan));
}

static void an_old_poll_is_no_lull(void **state)
{
	struct stop_facts facts = {.stop_signals = 1,
		.main_alive = true,
		.connections_visible = true,
		.polled_at = START,
		.busy = 1};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	(void)stop_plan_step(&plan, &facts, START);
	facts.polled_at = START + 4990;
	facts.asked_since = START + 4980;
	(void)stop_plan_step(&plan, &facts, START + 5000);
	assert_int_equal(plan.state, STOP_DRAINING);
	facts.polled_at = START + 5000;
	(void)stop_plan_step(&plan, &facts, START + 5000);
	assert_int_equal(plan.state, STOP_TERMINATING);
}

static void time_spent_in_doubt_is_known(void **state)
{
	static const struct holding_row rows[] = {
		{0, 3, 2, 3, MSEC_NEVER, STOP_DRAINING},
		{1000, 2, 2, 2, MSEC_NEVER, STOP_DRAINING},
		{1500, 3, 2, 3, MSEC_NEVER, STOP_DRAINING},
		{2000, 1, 1, 1, MSEC_NEVER, STOP_DRAINING},
		{2700, 0, 0, 0, MSEC_NEVER, STOP_TERMINATING},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	drive_holding(rows, sizeof rows / sizeof *rows);
	assert_int_equal(plan.doubted, 1200);
	assert_int_equal(plan.doubt_since, MSEC_NEVER);
}

static void nothing_in_flight_waits_for_nothing(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{5, 1, false, false, 0, 0, STOP_DONE, DO_NOTHING},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	DRIVE(rows);
	assert_int_equal(plan.reason, STOP_BECAUSE_DELIVERED);
}

static void an_old_poll_says_nothing(void **state)
{
	struct stop_facts facts = {.stop_signals = 1,
		.main_alive = true,
		.connections_visible = true,
		.polled_at = START - 1};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	assert_int_equal(stop_plan_step(&plan, &facts, START), DO_NOTHING);
	assert_int_equal(plan.state, STOP_DRAINING);
	facts.polled_at = START + 1;
	assert_int_equal(stop_plan_step(&plan, &facts, START + 1), STOP_DO_SIGNAL_MAIN);
	facts.main_alive = false; /* what was undelivered before it ended is not what is now */
	assert_int_equal(stop_plan_step(&plan, &facts, START + 9), DO_NOTHING);
	assert_int_equal(plan.state, STOP_FLUSHING);
	facts.polled_at = START + 10;
	assert_int_equal(stop_plan_step(&plan, &facts, START + 10), DO_NOTHING);
	assert_int_equal(plan.state, STOP_DONE);
}

static void the_minimum_is_served_also_when_idle(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 0, 0, STOP_DRAINING, DO_NOTHING},
		{1999, 1, true, false, 0, 0, STOP_DRAINING, DO_NOTHING},
		{2000, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
	};
	struct stop_facts facts = facts_of(&rows[0], true);

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	plan.budget.min_drain = 2000;
	DRIVE(rows);
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	plan.budget.min_drain = 2000;
	(void)stop_plan_step(&plan, &facts, START);
	assert_int_equal(stop_plan_next_deadline(&plan, &facts, START), START + 2000);
	assert_int_equal(stop_plan_next_deadline(&plan, &facts, START + 2000), START + 6300);
}

static void the_quiet_period_starts_anew_with_each_arrival(void **state)
{
	struct stop_facts facts = {.stop_signals = 1,
		.main_alive = true,
		.connections_visible = true,
		.polled_at = START,
		.last_arrival = START};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	plan.budget.quiet_period = 1000;
	(void)stop_plan_step(&plan, &facts, START);
	assert_int_equal(stop_plan_next_deadline(&plan, &facts, START), START + 1000);
	facts.last_arrival = facts.polled_at = START + 900;
	(void)stop_plan_step(&plan, &facts, START + 1000);
	assert_int_equal(plan.state, STOP_DRAINING);
	assert_int_equal(stop_plan_next_deadline(&plan, &facts, START + 1000), START + 1900);
	(void)stop_plan_step(&plan, &facts, START + 1900);
	assert_int_equal(plan.state, STOP_TERMINATING);
	assert_int_equal(plan.reason, STOP_BECAUSE_IDLE);
}

static void arrivals_without_end_use_up_the_budget_and_no_more(void **state)
{
	struct stop_facts facts = {
		.stop_signals = 1, .main_alive = true, .connections_visible = true};
	msec_t now = START;

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	plan.budget.quiet_period = 1000;
	for (; plan.state <= STOP_DRAINING && now < START + 9000; now += 50) {
		facts.last_arrival = facts.polled_at = now;
		(void)stop_plan_step(&plan, &facts, now);
	}
	assert_int_equal(plan.entered[STOP_TERMINATING], START + 6300);
}

static void default_lame_duck_is_for_applications_that_listened(void **state)
{
	struct stop_facts facts = {.stop_signals = 1,
		.main_alive = true,
		.connections_visible = true,
		.polled_at = START,
		.last_arrival = START};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	plan.budget.min_drain = 5000;
	plan.budget.lame_duck_is_default = true;
	assert_int_equal(stop_plan_step(&plan, &facts, START), STOP_DO_SIGNAL_MAIN);
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	plan.budget.min_drain = 5000;
	plan.budget.lame_duck_is_default = true;
	facts.has_listened = true;
	assert_int_equal(stop_plan_step(&plan, &facts, START), DO_NOTHING);
	assert_int_equal(stop_plan_next_deadline(&plan, &facts, START), START + 5000);
	facts.polled_at = START + 5000;
	assert_int_equal(stop_plan_step(&plan, &facts, START + 5000), STOP_DO_SIGNAL_MAIN);
}

static void default_quiet_period_ends_though_requests_go_on_coming(void **state)
{
	struct stop_facts facts = {.stop_signals = 1,
		.main_alive = true,
		.connections_visible = true,
		.has_listened = true};
	msec_t now = START;

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	plan.budget.quiet_period = 1000;
	plan.budget.lame_duck_is_default = true;
	for (; plan.state <= STOP_DRAINING && now < START + 9000; now += 50) {
		facts.last_arrival = facts.polled_at = now;
		(void)stop_plan_step(&plan, &facts, now);
	}
	assert_int_equal(plan.entered[STOP_TERMINATING], START + LAME_DUCK_MS);
	assert_int_equal(plan.reason, STOP_BECAUSE_IDLE);
}

/* One that was signalled at START, with nothing in flight. */
static struct stop_facts begin_signalled(msec_t exit_when_idle)
{
	struct stop_facts facts = {.stop_signals = 1,
		.main_alive = true,
		.connections_visible = true,
		.polled_at = START,
		.dumped_at = START,
		.last_arrival = START};

	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	plan.settings.exit_when_idle = exit_when_idle;
	plan.budget.term_grace = MSEC_NEVER;
	assert_int_equal(stop_plan_step(&plan, &facts, START), STOP_DO_SIGNAL_MAIN);
	facts.polled_at = START + 1;
	assert_int_equal(stop_plan_step(&plan, &facts, START + 1), DO_NOTHING);
	return facts;
}

static void idleness_begins_with_the_last_request_also_with_one_that_no_poll_saw(void **state)
{
	struct stop_facts facts = begin_signalled(1000);

	(void)state;
	facts.polled_at = facts.dumped_at = START + 1001;
	assert_int_equal(
		stop_plan_relies_on_idleness(&plan, &facts, START + 1001), STOP_RELIES_TO_ACT);
	facts.last_arrival = START + 600;
	assert_int_equal(
		stop_plan_relies_on_idleness(&plan, &facts, START + 1001), STOP_RELIES_ON_NOTHING);
	assert_int_equal(stop_plan_step(&plan, &facts, START + 1001), DO_NOTHING);
	assert_int_equal(stop_plan_next_deadline(&plan, &facts, START + 1001), START + 600 + 1000);
	assert_true(plan.busy_since_signalled);
}

static void a_kill_at_the_last_moment_is_known_beforehand(void **state)
{
	struct stop_facts facts = begin_signalled(MSEC_NEVER);

	(void)state;
	assert_int_equal(
		stop_plan_relies_on_idleness(&plan, &facts, START + 8549), STOP_RELIES_ON_NOTHING);
	assert_int_equal(
		stop_plan_relies_on_idleness(&plan, &facts, START + 8550), STOP_RELIES_TO_REPORT);
}

static void a_hurried_signal_relies_on_what_is_in_flight(void **state)
{
	struct stop_facts facts = {.stop_signals = 1,
		.main_alive = true,
		.connections_visible = true,
		.polled_at = START,
		.dumped_at = START};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, true);
	plan.budget.min_drain = 5000;
	(void)stop_plan_step(&plan, &facts, START);
	facts.polled_at = START + 1000;
	assert_int_equal(
		stop_plan_relies_on_idleness(&plan, &facts, START + 1000), STOP_RELIES_ON_NOTHING);
	facts.stop_signals = 2;
	facts.hurries = 1;
	assert_int_equal(
		stop_plan_relies_on_idleness(&plan, &facts, START + 1000), STOP_RELIES_TO_ACT);
}

/* Between two polls only those are looked at that hold the drain: the others are not fewer. */
static void a_lull_has_as_few_requests_as_any_poll_of_all_connections(void **state)
{
	struct stop_facts facts = {.stop_signals = 1,
		.main_alive = true,
		.connections_visible = true,
		.busy = 20,
		.in_flight = 20};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	for (msec_t now = START; now < START + 4200; now += 100) {
		facts.polled_at = facts.dumped_at = facts.asked_since = now;
		facts.in_flight = 20;
		(void)stop_plan_step(&plan, &facts, now);
		facts.polled_at = now + 50;
		facts.in_flight = 1;
		(void)stop_plan_step(&plan, &facts, now + 50);
	}
	facts.polled_at = facts.dumped_at = facts.asked_since = START + 4200;
	facts.in_flight = 20;
	assert_int_equal(stop_plan_step(&plan, &facts, START + 4200), STOP_DO_SIGNAL_MAIN);
	assert_int_equal(plan.reason, STOP_BECAUSE_LULL);
}

static void idle_but_not_exiting_can_be_cut_short(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{400, 1, true, false, 1, 0, STOP_TERMINATING, DO_NOTHING}, /* a late request */
		{600, 1, true, false, 0, 0, STOP_TERMINATING, DO_NOTHING},
		{1099, 1, true, false, 0, 0, STOP_TERMINATING, DO_NOTHING},
		{1100, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_KILL_MAIN},
		{1110, 1, false, true, 0, 0, STOP_LEFTOVERS, STOP_DO_SIGNAL_OTHERS},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	plan.settings.exit_when_idle = 500;
	DRIVE(rows);
	assert_true(plan.killed_while_idle);
}

static void the_budget_ends_the_drain(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 3, 0, STOP_DRAINING, DO_NOTHING},
		{6299, 1, true, false, 3, 0, STOP_DRAINING, DO_NOTHING},
		{6300, 1, true, false, 3, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{6400, 1, false, false, 0, 0, STOP_DONE, DO_NOTHING},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	DRIVE(rows);
	assert_true(plan.budget_exhausted);
}

static void blind_it_waits_for_the_budget(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 0, 0, STOP_DRAINING, DO_NOTHING},
		{6299, 1, true, false, 0, 0, STOP_DRAINING, DO_NOTHING},
		{6300, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{6400, 1, false, false, 0, 9, STOP_DONE, DO_NOTHING},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	drive_seeing(rows, sizeof rows / sizeof *rows, false);
	assert_true(plan.budget_exhausted);
}

static void a_deaf_application_is_killed_after_the_grace_that_was_given(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{2249, 1, true, false, 0, 0, STOP_TERMINATING, DO_NOTHING},
		{2250, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_KILL_MAIN},
		{2251, 1, true, false, 0, 0, STOP_TERMINATING, DO_NOTHING},
		{2260, 1, false, false, 0, 0, STOP_DONE, DO_NOTHING},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	DRIVE(rows);
	assert_true(plan.main_killed);
	assert_int_equal(stop_plan_phases(&plan).term, 2250);
	assert_int_equal(stop_plan_phases(&plan).kill, 10);
}

/* A wake-up comes so late after a pause of so long. */
static void note_late(msec_t late, msec_t pause)
{
	stop_plan_note_late(&plan, START + 10, START + 10 + pause, START + 10 + pause + late);
}

static void a_freeze_does_not_use_up_the_grace(void **state)
{
	static const struct row before[] = {
		{0, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
	};
	static const struct row after[] = {
		{4000, 1, true, false, 0, 0, STOP_TERMINATING, DO_NOTHING},
		{5249, 1, true, false, 0, 0, STOP_TERMINATING, DO_NOTHING},
		{5250, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_KILL_MAIN},
	};

	(void)state;
	for (int is_idle_limit = 0; is_idle_limit <= 1; is_idle_limit++) {
		begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
		note_late(7000, 0); /* before the signal: no matter */
		if (is_idle_limit) {
			plan.settings.exit_when_idle = plan.budget.term_grace;
			plan.budget.term_grace = MSEC_NEVER;
		}
		DRIVE(before);
		note_late(2750, 250);
		note_late(999, 250); /* a busy machine's */
		DRIVE(after);
	}
}

static void a_freeze_does_not_use_up_the_start(void **state)
{
	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	assert_int_equal(stop_plan_start_ends(&plan, START + 5000), START + 5000);
	note_late(999, 250);
	assert_int_equal(stop_plan_start_ends(&plan, START + 5000), START + 5000);
	/* it may have begun at any moment of the sleep, long before the wake-up was due */
	note_late(1000, 20000);
	assert_int_equal(stop_plan_start_ends(&plan, START + 5000), START + 26000);
	note_late(3000, 250);
	assert_int_equal(stop_plan_start_ends(&plan, START + 5000), START + 29250);
	assert_int_equal(stop_plan_start_ends(&plan, MSEC_NEVER), MSEC_NEVER);
}

static void without_a_grace_it_has_all_the_time_there_is(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{2250, 1, true, false, 0, 0, STOP_TERMINATING, DO_NOTHING},
		{8549, 1, true, false, 0, 0, STOP_TERMINATING, DO_NOTHING},
		{8550, 1, true, false, 0, 0, STOP_KILLING, STOP_DO_KILL_ALL},
		{8560, 1, false, false, 0, 0, STOP_DONE, DO_NOTHING},
	};
	struct stop_facts facts = facts_of(&rows[0], true);

	(void)state;
	for (int order = ORDER_DRAIN_FIRST; order <= ORDER_SIGNAL_FIRST; order++) {
		begin((enum stop_order)order, WAIT_ALL, false);
		plan.budget.term_grace = MSEC_NEVER;
		(void)stop_plan_step(&plan, &facts, START);
		assert_int_equal(stop_plan_next_deadline(&plan, &facts, START), START + 8550);
		assert_int_equal(stop_plan_last_moment(&plan), START + 8550);
		begin((enum stop_order)order, WAIT_ALL, false);
		plan.budget.term_grace = MSEC_NEVER;
		DRIVE(rows);
		assert_true(plan.killed_while_idle);
		assert_false(plan.busy_since_signalled);
	}
}

static void what_is_not_ready_has_all_the_time_too(void **state)
{
	struct stop_facts facts = {.main_alive = true, .start_timed_out = true};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	plan.budget.term_grace = MSEC_NEVER;
	assert_int_equal(stop_plan_step(&plan, &facts, START), STOP_DO_SIGNAL_MAIN);
	assert_int_equal(stop_plan_next_deadline(&plan, &facts, START), START + 8550);
}

/* It was signalled when nothing was in flight; then a request came, and took longer than the grace. */
static void the_grace_begins_when_the_last_work_is_finished(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{200, 1, true, false, 1, 0, STOP_TERMINATING, DO_NOTHING},
		{4000, 1, true, false, 0, 0, STOP_TERMINATING, DO_NOTHING},
		{6249, 1, true, false, 0, 0, STOP_TERMINATING, DO_NOTHING},
		{6250, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_KILL_MAIN},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	DRIVE(rows);
	assert_true(plan.killed_while_idle);
	assert_true(plan.busy_since_signalled);
}

/* The same after the drain budget was spent, and never past the last moment. */
static void work_that_ends_late_does_not_take_the_grace_away(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 1, 0, STOP_DRAINING, DO_NOTHING},
		{6300, 1, true, false, 1, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{7200, 1, true, false, 0, 0, STOP_TERMINATING, DO_NOTHING},
		{8199, 1, true, false, 0, 0, STOP_TERMINATING, DO_NOTHING},
		{8200, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_KILL_MAIN},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	plan.budget.term_grace = 1000;
	DRIVE(rows);
}

/* An application was killed after its grace: its orphans are signalled, and have what is left. No second grace
 * begins for them, and none ends. */
static void orphans_of_what_was_killed_have_what_is_left(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, true, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{2250, 1, true, true, 0, 0, STOP_TERMINATING, STOP_DO_KILL_MAIN},
		{2260, 1, false, true, 0, 0, STOP_LEFTOVERS, STOP_DO_SIGNAL_OTHERS},
		{4510, 1, false, true, 0, 0, STOP_LEFTOVERS, DO_NOTHING},
		{8549, 1, false, true, 0, 0, STOP_LEFTOVERS, DO_NOTHING},
		{8550, 1, false, true, 0, 0, STOP_KILLING, STOP_DO_KILL_ALL},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	DRIVE(rows);
}

/* CAP_KILL is missing. */
static void drive_refused(const struct row *rows, size_t count, bool has_listened, bool ends_all)
{
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	plan.budget.term_grace = MSEC_NEVER;
	plan.settings.ends_all = ends_all;
	for (size_t i = 0; i < count; i++) {
		struct stop_facts facts = facts_of(&rows[i], true);

		facts.stop_refused = plan.signalled;
		facts.has_listened = has_listened;
		expect_step(i, rows[i].at, &facts, rows[i].state, rows[i].actions);
	}
}

static void who_cannot_be_signalled_is_left_when_nothing_is_in_flight(void **state)
{
	static const struct row idle[] = {
		{0, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{1, 1, true, false, 0, 3, STOP_FLUSHING, STOP_DO_LEAVE_MAIN},
		{9, 1, true, false, 0, 0, STOP_DONE, DO_NOTHING},
	};
	static const struct row working[] = {
		{0, 1, true, false, 2, 0, STOP_DRAINING, DO_NOTHING},
		{6300, 1, true, false, 2, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{7000, 1, true, false, 1, 0, STOP_TERMINATING, DO_NOTHING},
		{7100, 1, true, false, 0, 0, STOP_DONE, STOP_DO_LEAVE_MAIN},
	};

	(void)state;
	drive_refused(idle, sizeof idle / sizeof *idle, true, true);
	assert_false(plan.main_killed);
	drive_refused(working, sizeof working / sizeof *working, true, true);
}

/* What it does cannot be seen, or it would go on without us. */
static void who_cannot_be_signalled_is_waited_for_as_by_any_init(void **state)
{
	static const struct row to_the_end[] = {
		{0, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{8549, 1, true, false, 0, 0, STOP_TERMINATING, DO_NOTHING},
		{8550, 1, true, false, 0, 0, STOP_KILLING, STOP_DO_KILL_ALL},
		{8910, 1, true, false, 0, 0, STOP_DONE, STOP_DO_KILL_ALL},
	};
	static const struct row ends[] = {
		{0, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{4000, 1, false, false, 0, 0, STOP_DONE, DO_NOTHING},
	};

	(void)state;
	drive_refused(to_the_end, sizeof to_the_end / sizeof *to_the_end, false, true);
	drive_refused(to_the_end, sizeof to_the_end / sizeof *to_the_end, true, false);
	drive_refused(ends, sizeof ends / sizeof *ends, false, true);
}

static void the_grace_does_not_run_out_while_work_is_in_flight(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{2250, 1, true, false, 1, 0, STOP_TERMINATING, DO_NOTHING},
		{5000, 1, true, false, 1, 0, STOP_TERMINATING, DO_NOTHING},
		{5100, 1, false, false, 0, 0, STOP_DONE, DO_NOTHING},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	DRIVE(rows);
	assert_false(plan.main_killed);
}

static void work_that_never_ends_is_cut_before_the_deadline(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, true, 9, 0, STOP_DRAINING, DO_NOTHING},
		{6300, 1, true, true, 9, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{8549, 1, true, true, 9, 0, STOP_TERMINATING, DO_NOTHING},
		{8550, 1, true, true, 9, 0, STOP_KILLING, STOP_DO_KILL_ALL},
		{8570, 1, true, true, 9, 0, STOP_KILLING, STOP_DO_KILL_ALL},
		{8580, 1, false, false, 0, 4, STOP_FLUSHING, DO_NOTHING},
		{8909, 1, false, false, 0, 4, STOP_FLUSHING, DO_NOTHING},
		{8910, 1, false, false, 0, 4, STOP_DONE, DO_NOTHING},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	DRIVE(rows);
	assert_true(stop_plan_phases(&plan).total < 9000);
}

static void what_cannot_be_killed_does_not_hold_us(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{2250, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_KILL_MAIN},
		{8550, 1, true, false, 0, 0, STOP_KILLING, STOP_DO_KILL_ALL},
		{8910, 1, true, false, 0, 0, STOP_DONE, STOP_DO_KILL_ALL},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	DRIVE(rows);
}

static void leftovers_may_finish_until_the_deadline(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{100, 1, false, true, 0, 0, STOP_LEFTOVERS, STOP_DO_SIGNAL_OTHERS},
		{5000, 1, false, true, 0, 0, STOP_LEFTOVERS, DO_NOTHING},
		{5100, 1, false, false, 0, 0, STOP_DONE, DO_NOTHING},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	DRIVE(rows);
}

static void stubborn_leftovers_are_killed(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{100, 1, false, true, 0, 0, STOP_LEFTOVERS, STOP_DO_SIGNAL_OTHERS},
		{8549, 1, false, true, 0, 0, STOP_LEFTOVERS, DO_NOTHING},
		{8550, 1, false, true, 0, 0, STOP_KILLING, STOP_DO_KILL_ALL},
		{8560, 1, false, false, 0, 0, STOP_DONE, DO_NOTHING},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	DRIVE(rows);
	assert_int_equal(stop_plan_phases(&plan).term, 8550);
}

/* At a time: is a job from outside there, and a shell? */
struct outside_row {
	msec_t at;
	bool others_alive, shells_alive;
	enum stop_state state;
	unsigned actions;
};

static void drive_outside(const struct outside_row *rows, size_t count)
{
	struct stop_facts facts = {
		.stop_signals = 1, .main_alive = true, .connections_visible = true};

	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	facts.polled_at = START;
	assert_int_equal(stop_plan_step(&plan, &facts, START), STOP_DO_SIGNAL_MAIN);
	facts.main_alive = false;
	for (size_t i = 0; i < count; i++) {
		facts.polled_at = START + rows[i].at;
		facts.others_alive = rows[i].others_alive;
		facts.shells_alive = rows[i].shells_alive;
		expect_step(i, rows[i].at, &facts, rows[i].state, rows[i].actions);
		if (plan.state == STOP_LEFTOVERS)
			assert_true(stop_plan_next_deadline(&plan, &facts, START + rows[i].at) ==
				    START + (facts.others_alive ? 8550 : 2100));
	}
}

#define DRIVE_OUTSIDE(rows) drive_outside(rows, sizeof(rows) / sizeof *(rows))

static void a_shell_from_outside_has_two_seconds(void **state)
{
	static const struct outside_row stays[] = {
		{100, false, true, STOP_LEFTOVERS, STOP_DO_SIGNAL_OTHERS},
		{2099, false, true, STOP_LEFTOVERS, DO_NOTHING},
		{2100, false, true, STOP_KILLING, STOP_DO_KILL_ALL},
		{2110, false, false, STOP_DONE, DO_NOTHING},
	};
	static const struct outside_row goes[] = {
		{100, false, true, STOP_LEFTOVERS, STOP_DO_SIGNAL_OTHERS},
		{150, false, false, STOP_DONE, DO_NOTHING},
	};

	(void)state;
	DRIVE_OUTSIDE(stays);
	DRIVE_OUTSIDE(goes);
}

static void a_job_from_outside_is_a_leftover(void **state)
{
	static const struct outside_row alone[] = {
		{100, true, false, STOP_LEFTOVERS, STOP_DO_SIGNAL_OTHERS},
		{8549, true, false, STOP_LEFTOVERS, DO_NOTHING},
		{8550, true, false, STOP_KILLING, STOP_DO_KILL_ALL},
		{8560, false, false, STOP_DONE, DO_NOTHING},
	};
	static const struct outside_row beside_a_shell[] = {
		{100, true, true, STOP_LEFTOVERS, STOP_DO_SIGNAL_OTHERS},
		{2100, true, true, STOP_LEFTOVERS, DO_NOTHING},
		{5000, false, true, STOP_KILLING, STOP_DO_KILL_ALL},
	};

	(void)state;
	DRIVE_OUTSIDE(alone);
	DRIVE_OUTSIDE(beside_a_shell);
}

static void nobody_waits_for_leftovers_that_are_not_wanted(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 0, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{100, 1, false, true, 0, 0, STOP_KILLING, STOP_DO_KILL_ALL},
		{101, 1, false, false, 0, 0, STOP_DONE, DO_NOTHING},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_MAIN, false);
	DRIVE(rows);
}

static void an_application_that_ends_by_itself_is_followed_by_us(void **state)
{
	static const struct row rows[] = {
		{-900, 0, true, false, 0, 0, STOP_SERVING, DO_NOTHING},
		{0, 0, false, true, 0, 0, STOP_LEFTOVERS, STOP_DO_SIGNAL_OTHERS},
		{50, 0, false, false, 0, 1, STOP_FLUSHING, DO_NOTHING},
		{60, 0, false, false, 0, 0, STOP_DONE, DO_NOTHING},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	DRIVE(rows);
	assert_true(plan.ended_by_itself);
	assert_int_equal(stop_plan_phases(&plan).drain, 0);
	assert_int_equal(stop_plan_phases(&plan).term, 50);
}

static void it_may_end_by_itself_during_the_drain_too(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 2, 0, STOP_DRAINING, DO_NOTHING},
		{400, 1, false, false, 0, 0, STOP_DONE, DO_NOTHING},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	DRIVE(rows);
	assert_true(plan.ended_by_itself);
}

/* The same, with a start that has timed out in all rows. */
static void drive_not_ready(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct stop_facts facts = facts_of(&rows[i], true);

		facts.start_timed_out = true;
		expect_step(i, rows[i].at, &facts, rows[i].state, rows[i].actions);
	}
}

static void what_is_not_ready_in_time_is_told_at_once(void **state)
{
	static const struct row rows[] = {
		{0, 0, true, false, 3, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{2249, 0, true, false, 3, 0, STOP_TERMINATING, DO_NOTHING},
		{2250, 0, true, false, 3, 0, STOP_TERMINATING,
			STOP_DO_KILL_MAIN}, /* no one waits */
		{2260, 0, false, false, 0, 0, STOP_DONE, DO_NOTHING},
	};

	(void)state;
	for (int order = ORDER_DRAIN_FIRST; order <= ORDER_SIGNAL_FIRST; order++) {
		begin((enum stop_order)order, WAIT_ALL, false);
		drive_not_ready(rows, sizeof rows / sizeof *rows);
		assert_true(plan.not_ready);
		assert_false(plan.ended_by_itself);
	}
}

static void a_stop_signal_or_an_end_comes_before_a_late_start(void **state)
{
	static const struct row signalled[] = {
		{0, 1, true, false, 3, 0, STOP_DRAINING, DO_NOTHING}};
	static const struct row ended[] = {{0, 0, false, false, 0, 0, STOP_DONE, DO_NOTHING}};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	drive_not_ready(signalled, 1);
	assert_false(plan.not_ready);
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	drive_not_ready(ended, 1);
	assert_false(plan.not_ready);
	assert_true(plan.ended_by_itself);
}

static void signal_first_lets_the_application_drain_itself(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 5, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{8000, 1, true, false, 0, 0, STOP_TERMINATING, DO_NOTHING},
		{8100, 1, false, false, 0, 0, STOP_DONE, DO_NOTHING},
	};

	(void)state;
	begin(ORDER_SIGNAL_FIRST, WAIT_ALL, false);
	DRIVE(rows);
	assert_int_equal(stop_plan_phases(&plan).drain, 0);
}

static void a_second_stop_signal_changes_nothing(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 1, 0, STOP_DRAINING, DO_NOTHING},
		{100, 9, true, false, 1, 0, STOP_DRAINING, DO_NOTHING},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	DRIVE(rows);
}

static void with_hurry_each_signal_is_a_step_further(void **state)
{
	static const struct row rows[] = {
		{0, 1, true, false, 1, 0, STOP_DRAINING, DO_NOTHING},
		{100, 2, true, false, 1, 0, STOP_TERMINATING, STOP_DO_SIGNAL_MAIN},
		{200, 2, true, false, 1, 0, STOP_TERMINATING, DO_NOTHING},
		{300, 3, true, true, 1, 0, STOP_TERMINATING, STOP_DO_KILL_MAIN},
		{310, 3, false, true, 0, 0, STOP_LEFTOVERS, STOP_DO_SIGNAL_OTHERS},
		{400, 4, false, true, 0, 0, STOP_KILLING, STOP_DO_KILL_ALL},
		{410, 4, false, false, 0, 0, STOP_DONE, DO_NOTHING},
	};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, true);
	DRIVE(rows);
	assert_true(plan.budget_exhausted);
}

/* From every state, whatever is still true: DONE by the time to report, at the latest. */
static void every_state_ends_before_the_deadline(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 64; bits++) {
		struct stop_facts facts = {
			.stop_signals = 1,
			.main_alive = bits & 1,
			.others_alive = bits & 2,
			.connections_visible = bits & 4,
			.busy = bits & 8,
			.undelivered = bits & 16,
		};
		msec_t now = START;

		begin(bits & 32 ? ORDER_SIGNAL_FIRST : ORDER_DRAIN_FIRST, WAIT_ALL, false);
		while (plan.state != STOP_DONE && now <= START + 9000) {
			msec_t next;

			facts.polled_at = now;
			(void)stop_plan_step(&plan, &facts, now);
			next = stop_plan_next_deadline(&plan, &facts, now);
			if (plan.state == STOP_DONE)
				break;
			assert_true(next > now); /* no busy loop */
			now = msec_min(next, plan.deadline);
		}
		assert_int_equal(plan.state, STOP_DONE);
		assert_true(plan.entered[STOP_DONE] < plan.deadline);
	}
}

static void serving_sets_no_deadline(void **state)
{
	struct stop_facts facts = {.main_alive = true};

	(void)state;
	begin(ORDER_DRAIN_FIRST, WAIT_ALL, false);
	(void)stop_plan_step(&plan, &facts, START);
	assert_true(stop_plan_next_deadline(&plan, &facts, START) == MSEC_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(work_is_finished_then_the_application_is_told),
		cmocka_unit_test(clients_that_go_on_asking_are_left_when_few_wait),
		cmocka_unit_test(an_old_poll_is_no_lull),
		cmocka_unit_test(time_spent_in_doubt_is_known),
		cmocka_unit_test(nothing_in_flight_waits_for_nothing),
		cmocka_unit_test(an_old_poll_says_nothing),
		cmocka_unit_test(the_minimum_is_served_also_when_idle),
		cmocka_unit_test(the_quiet_period_starts_anew_with_each_arrival),
		cmocka_unit_test(default_lame_duck_is_for_applications_that_listened),
		cmocka_unit_test(default_quiet_period_ends_though_requests_go_on_coming),
		cmocka_unit_test(arrivals_without_end_use_up_the_budget_and_no_more),
		cmocka_unit_test(
			idleness_begins_with_the_last_request_also_with_one_that_no_poll_saw),
		cmocka_unit_test(a_kill_at_the_last_moment_is_known_beforehand),
		cmocka_unit_test(a_hurried_signal_relies_on_what_is_in_flight),
		cmocka_unit_test(a_lull_has_as_few_requests_as_any_poll_of_all_connections),
		cmocka_unit_test(idle_but_not_exiting_can_be_cut_short),
		cmocka_unit_test(the_budget_ends_the_drain),
		cmocka_unit_test(blind_it_waits_for_the_budget),
		cmocka_unit_test(a_deaf_application_is_killed_after_the_grace_that_was_given),
		cmocka_unit_test(a_freeze_does_not_use_up_the_grace),
		cmocka_unit_test(a_freeze_does_not_use_up_the_start),
		cmocka_unit_test(without_a_grace_it_has_all_the_time_there_is),
		cmocka_unit_test(what_is_not_ready_has_all_the_time_too),
		cmocka_unit_test(the_grace_begins_when_the_last_work_is_finished),
		cmocka_unit_test(work_that_ends_late_does_not_take_the_grace_away),
		cmocka_unit_test(orphans_of_what_was_killed_have_what_is_left),
		cmocka_unit_test(who_cannot_be_signalled_is_left_when_nothing_is_in_flight),
		cmocka_unit_test(who_cannot_be_signalled_is_waited_for_as_by_any_init),
		cmocka_unit_test(the_grace_does_not_run_out_while_work_is_in_flight),
		cmocka_unit_test(work_that_never_ends_is_cut_before_the_deadline),
		cmocka_unit_test(what_cannot_be_killed_does_not_hold_us),
		cmocka_unit_test(leftovers_may_finish_until_the_deadline),
		cmocka_unit_test(stubborn_leftovers_are_killed),
		cmocka_unit_test(a_shell_from_outside_has_two_seconds),
		cmocka_unit_test(a_job_from_outside_is_a_leftover),
		cmocka_unit_test(nobody_waits_for_leftovers_that_are_not_wanted),
		cmocka_unit_test(an_application_that_ends_by_itself_is_followed_by_us),
		cmocka_unit_test(it_may_end_by_itself_during_the_drain_too),
		cmocka_unit_test(what_is_not_ready_in_time_is_told_at_once),
		cmocka_unit_test(a_stop_signal_or_an_end_comes_before_a_late_start),
		cmocka_unit_test(signal_first_lets_the_application_drain_itself),
		cmocka_unit_test(a_second_stop_signal_changes_nothing),
		cmocka_unit_test(with_hurry_each_signal_is_a_step_further),
		cmocka_unit_test(every_state_ends_before_the_deadline),
		cmocka_unit_test(serving_sets_no_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

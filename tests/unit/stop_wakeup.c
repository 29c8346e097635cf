/* SPDX-License-Identifier: MIT */
#include "core/stop/stop_wakeup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define START 100000 /* of the application, and in other tests of the stop */
#define NEVER MSEC_NEVER

static struct stop_plan plan;
static struct stop_facts facts;
static struct stop_wakeup_facts wakeup;

/* docker stop's 10 s: gone by 9 s, drain 6.3 s, SIGKILL at 8.55 s, report at 8.91 s. */
static int begin(void **state)
{
	static const struct stop_budget budget = {.timeout = 10000,
		.margin = 1000,
		.gone = 9000,
		.drain = 6300,
		.term_grace = MSEC_NEVER,
		.kill_reserve = 450};
	static const struct stop_settings settings = {.exit_when_idle = MSEC_NEVER};

	(void)state;
	stop_plan_init(&plan, &budget, &settings);
	facts = (struct stop_facts){.main_alive = true, .connections_visible = true};
	wakeup = (struct stop_wakeup_facts){
		.app_started_at = START,
		.start_ends = NEVER,
		.next_poll = NEVER,
		.next_outside_poll = NEVER,
		.plain_signal_at = NEVER,
		.next_progress = NEVER,
		.finish_by = NEVER,
	};
	return 0;
}

static void an_application_that_starts_is_polled_ever_more_rarely(void **state)
{
	static const struct {
		msec_t at; /* after its start */
		bool listens, is_settled;
		msec_t start_ends;
		msec_t pause; /* NEVER: no timer */
	} rows[] = {
		{0, false, false, NEVER, 10},
		{200, false, false, NEVER, 10},
		{400, false, false, NEVER, 20},
		{2000, false, false, NEVER, 100},
		{5000, false, false, NEVER, 250},
		{29999, false, false, NEVER, 250},
		{30000, false, false, NEVER, NEVER},
		{40000, true, true, NEVER, NEVER},
		{2000, true, false, NEVER, 10}, /* once more */
		{2000, true, true, NEVER, NEVER},
		{2000, false, true, NEVER, 100}, /* it has closed its listener again */
		{2000, false, false, 2050, 50},
		{2000, false, false, 2500, 100},
		{30000, false, false, 45000, 250}, /* to notice a freeze */
		{2000, true, true, 2500, 100},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		msec_t now = START + rows[i].at;

		wakeup.app_listens = rows[i].listens;
		wakeup.is_settled = rows[i].is_settled;
		wakeup.start_ends = msec_add(rows[i].start_ends, START);
		if (stop_wakeup_at(&plan, &facts, &wakeup, now) != msec_add(rows[i].pause, now))
			fail_msg("row %zu", i);
	}
}

/* A stop in this state at START + 100, which it has entered at START + 50. */
static void be_in(enum stop_state stop_state)
{
	(void)begin(NULL);
	plan.state = stop_state;
	plan.started = START;
	plan.deadline = START + 9000;
	plan.entered[stop_state] = START + 50;
}

/* What is due at a moment is due then, however long a turn takes; a pause is one between two turns. */
static void a_pause_begins_when_the_turn_is_over(void **state)
{
	static const struct {
		enum stop_state state;
		bool has_jobs;
		msec_t next_poll, over_at, wakeup; /* after the turn has begun */
	} rows[] = {
		{STOP_SERVING, false, NEVER, 0, 10},
		{STOP_SERVING, false, NEVER, 48, 58},
		{STOP_DRAINING, false, 20, 48, 20},
		{STOP_DRAINING, false, 60, 48, 60},
		{STOP_DRAINING, true, 200, 0, 50},
		{STOP_DRAINING, true, 200, 48, 98},
		{STOP_DRAINING, true, 60, 48, 60},
		{STOP_KILLING, false, NEVER, 0, 20},
		{STOP_KILLING, false, NEVER, 48, 68},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		be_in(rows[i].state);
		wakeup.has_jobs = rows[i].has_jobs;
		wakeup.next_poll = msec_add(rows[i].next_poll, START + 100);
		wakeup.over_at = START + 100 + rows[i].over_at;
		if (stop_wakeup_at(&plan, &facts, &wakeup, START + 100) !=
			START + 100 + rows[i].wakeup)
			fail_msg("row %zu", i);
	}
}

static void a_walk_through_proc_is_followed_by_its_pause(void **state)
{
	(void)state;
	be_in(STOP_LEFTOVERS);
	wakeup.next_poll = NEVER;
	wakeup.over_at = START + 100 + 120;
	wakeup.next_outside_poll = START + 100 + 100;
	assert_int_equal(stop_wakeup_at(&plan, &facts, &wakeup, START + 100), START + 100 + 220);
	wakeup.next_outside_poll = START + 100; /* one has ended */
	assert_int_equal(stop_wakeup_at(&plan, &facts, &wakeup, START + 100), START + 100);
}

/* The promise: within 20 ms at first, within 250 ms later, and few wakeups in all. */
static void a_listener_is_noticed_soon(void **state)
{
	unsigned wakeups = 0;
	msec_t now = START, next;

	(void)state;
	for (; (next = stop_wakeup_at(&plan, &facts, &wakeup, now)) != NEVER; now = next, wakeups++)
		assert_true(next - now <= (now - START < 400 ? 20 : 250));
	assert_true(now - START >= 30000);
	assert_int_in_range(wakeups, 100, 250);
}

static void jobs_are_looked_at_again_in_each_state_of_a_stop(void **state)
{
	static const enum stop_state states[] = {
		STOP_DRAINING, STOP_TERMINATING, STOP_LEFTOVERS, STOP_FLUSHING};

	(void)state;
	for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
		be_in(states[i]);
		wakeup.has_jobs = true;
		assert_int_equal(stop_wakeup_at(&plan, &facts, &wakeup, START + 100), START + 150);
	}
	be_in(STOP_SERVING); /* an idle lastcall sleeps, whatever is declared */
	wakeup.has_jobs = wakeup.is_settled = wakeup.app_listens = true;
	assert_int_equal(stop_wakeup_at(&plan, &facts, &wakeup, START + 100), NEVER);
}

static void the_first_of_what_is_to_come_counts(void **state)
{
	static const struct {
		enum stop_state stop_state;
		msec_t poll, outside, plain_signal, progress;
		msec_t expected; /* all after START */
	} rows[] = {
		{STOP_DRAINING, NEVER, NEVER, NEVER, NEVER, 6300},
		{STOP_DRAINING, 120, NEVER, NEVER, 1000, 120},
		{STOP_DRAINING, 7000, 110, NEVER, 1000, 1000}, /* it waits for leftovers alone */
		{STOP_DRAINING, 90, NEVER, NEVER, NEVER, 90}, /* overdue */
		{STOP_TERMINATING, NEVER, NEVER, NEVER, NEVER, 8550},
		{STOP_TERMINATING, 900, NEVER, 550, 1000, 550},
		{STOP_LEFTOVERS, NEVER, 150, NEVER, NEVER, 150},
		{STOP_LEFTOVERS, NEVER, NEVER, NEVER, NEVER, 2050}, /* shells have two seconds */
		{STOP_KILLING, NEVER, NEVER, NEVER, NEVER, 120},
		{STOP_KILLING, 110, NEVER, NEVER, NEVER, 110},
		{STOP_FLUSHING, NEVER, NEVER, NEVER, NEVER, 8910},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		be_in(rows[i].stop_state);
		wakeup.next_poll = msec_add(rows[i].poll, START);
		wakeup.next_outside_poll = msec_add(rows[i].outside, START);
		wakeup.plain_signal_at = msec_add(rows[i].plain_signal, START);
		wakeup.next_progress = msec_add(rows[i].progress, START);
		if (stop_wakeup_at(&plan, &facts, &wakeup, START + 100) != START + rows[i].expected)
			fail_msg("row %zu", i);
	}
	(void)state;
}

/* A poll of the moment in which a state was entered says nothing about it. */
static void a_state_that_was_just_entered_is_polled_at_once(void **state)
{
	(void)state;
	be_in(STOP_TERMINATING);
	wakeup.is_poll_old = true;
	assert_int_equal(stop_wakeup_at(&plan, &facts, &wakeup, START + 50), START + 50);
	assert_int_equal(stop_wakeup_at(&plan, &facts, &wakeup, START + 51), START + 8550);
	wakeup.is_poll_old = false;
	assert_int_equal(stop_wakeup_at(&plan, &facts, &wakeup, START + 50), START + 8550);
}

static void at_the_end_the_last_events_and_the_reader_are_waited_for(void **state)
{
	(void)state;
	be_in(STOP_DONE);
	wakeup.finish_by = START + 150;
	assert_int_equal(stop_wakeup_at(&plan, NULL, &wakeup, START + 100), START + 150);
	wakeup.is_reported = true;
	assert_int_equal(stop_wakeup_at(&plan, NULL, &wakeup, START + 100), START + 9000);
}

static void the_plain_signal_is_sent_half_a_second_after_the_last_request(void **state)
{
	static const struct {
		enum stop_state stop_state;
		bool has_plain_signal, main_killed;
		msec_t idle_since, expected;
	} rows[] = {
		{STOP_TERMINATING, true, false, START + 70, START + 570},
		{STOP_TERMINATING, true, false, NEVER, NEVER}, /* something is in flight */
		{STOP_TERMINATING, false, false, START + 70, NEVER},
		{STOP_TERMINATING, true, true, START + 70, NEVER},
		{STOP_LEFTOVERS, true, false, START + 70, NEVER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		be_in(rows[i].stop_state);
		plan.main_killed = rows[i].main_killed;
		plan.idle_since = rows[i].idle_since;
		if (stop_wakeup_plain_signal_at(&plan, rows[i].has_plain_signal) !=
			rows[i].expected)
			fail_msg("row %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			an_application_that_starts_is_polled_ever_more_rarely, begin),
		cmocka_unit_test(a_pause_begins_when_the_turn_is_over),
		cmocka_unit_test(a_walk_through_proc_is_followed_by_its_pause),
		cmocka_unit_test_setup(a_listener_is_noticed_soon, begin),
		cmocka_unit_test_setup(jobs_are_looked_at_again_in_each_state_of_a_stop, begin),
		cmocka_unit_test_setup(the_first_of_what_is_to_come_counts, begin),
		cmocka_unit_test_setup(a_state_that_was_just_entered_is_polled_at_once, begin),
		cmocka_unit_test_setup(
			at_the_end_the_last_events_and_the_reader_are_waited_for, begin),
		cmocka_unit_test_setup(
			the_plain_signal_is_sent_half_a_second_after_the_last_request, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

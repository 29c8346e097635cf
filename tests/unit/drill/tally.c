/* SPDX-License-Identifier: MIT */
/* Runs of a few attempts, made by hand, and each of their numbers. */
#include "drill/core/tally.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MS INT64_C(1000)
#define S (1000 * MS)
#define MAX_ATTEMPTS 16

static struct attempt attempts[MAX_ATTEMPTS];
static double scratch[MAX_ATTEMPTS];

/* A stop of 10 s at most, of a target that was gone after 3 s; no health endpoint. */
static struct run a_run(void)
{
	struct run run = {.number = 1, .stop_timeout_s = 10, .attempts = attempts};

	for (int i = 0; i < RUN_MARK_COUNT; i++)
		run.marks[i] = DRILL_NEVER;
	run.marks[MARK_SIGNAL] = 0;
	run.marks[MARK_EXIT] = 3 * S;
	run.marks[MARK_DEADLINE] = 10 * S;
	return run;
}

static struct attempt *add(
	struct run *run, enum cohort cohort, enum outcome outcome, drill_us_t start, drill_us_t end)
{
	struct attempt *attempt = &attempts[run->attempt_count++];

	assert_true(run->attempt_count <= MAX_ATTEMPTS);
	*attempt = (struct attempt){
		.cohort = cohort,
		.outcome = outcome,
		.start = start,
		.first_byte = outcome == OUTCOME_OK ? end : DRILL_NEVER,
		.end = end,
	};
	return attempt;
}

static void assert_about(double number, double expected)
{
	assert_true(fabs(number - expected) < 1e-9);
}

static void all_in_flight_completed(void **state)
{
	struct run run = a_run();

	(void)state;
	add(&run, COHORT_IN_FLIGHT, OUTCOME_OK, -1 * S, 1 * S);
	add(&run, COHORT_IN_FLIGHT, OUTCOME_OK, -500 * MS, 2900 * MS);
	run_tally(&run, scratch);

	assert_int_equal(run.numbers.in_flight_at_stop, 2);
	assert_int_equal(run.numbers.in_flight_completed, 2);
	assert_int_equal(run.numbers.in_flight_cut, 0);
	assert_about(run.numbers.completion_ratio, 1);
	assert_about(run.numbers.stop_wall_s, 3);
	assert_about(run.numbers.ideal_stop_s, 2.9);
	assert_about(run.numbers.overshoot_s, 0.1);
	assert_about(run.numbers.undershoot_s, 0);
	assert_about(run.numbers.efficiency, 2.9 / 3);
	assert_about(run.numbers.deadline_margin_s, 7);
	assert_int_equal(run.numbers.drain_s.samples, 2);
	assert_about(run.numbers.drain_s.p50, 1);
	assert_about(run.numbers.drain_s.max, 2.9);
	assert_int_equal(run.marks[MARK_LAST_SUCCESS], 2900 * MS);
	assert_int_equal(run.marks[MARK_LAST_BYTE], 2900 * MS);
	assert_int_equal(run.marks[MARK_LISTENER_CLOSED], DRILL_NEVER);
}

static void what_was_cut_is_due_as_late_as_others_took(void **state)
{
	struct run run = a_run();

	(void)state;
	run.marks[MARK_EXIT] = 100 * MS;
	add(&run, COHORT_IN_FLIGHT, OUTCOME_OK, -4 * S, -2 * S); /* before: they take 2 s */
	add(&run, COHORT_IN_FLIGHT, OUTCOME_TRUNCATED, -500 * MS, 90 * MS);
	run_tally(&run, scratch);

	assert_int_equal(run.numbers.in_flight_at_stop, 1);
	assert_int_equal(run.numbers.in_flight_cut, 1);
	assert_about(run.numbers.completion_ratio, 0);
	assert_about(run.numbers.ideal_stop_s, 1.5);
	assert_about(run.numbers.overshoot_s, 0);
	assert_about(run.numbers.undershoot_s, 1.4);
	assert_about(run.numbers.efficiency, 1);
}

/* As a handler that gives up ends it: in good order. */
static void a_body_of_less_than_half_is_another_answer(void **state)
{
	static const struct {
		int64_t before, after;
		enum outcome outcome;
	} cases[] = {
		{3, 0, OUTCOME_HTTP_OTHER},
		{1, 0, OUTCOME_HTTP_OTHER},
		{100, 49, OUTCOME_HTTP_OTHER},
		{100, 50, OUTCOME_OK},
		{0, 0, OUTCOME_OK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct run run = a_run();
		struct attempt *before = add(&run, COHORT_NEW, OUTCOME_OK, -2 * S, -1 * S);
		struct attempt *longer = add(&run, COHORT_NEW, OUTCOME_OK, -2 * S, -1 * S);
		struct attempt *after = add(&run, COHORT_NEW, OUTCOME_OK, -1 * S, 1 * S);

		before->http_status = longer->http_status = after->http_status = 200;
		before->is_body_known = longer->is_body_known = after->is_body_known = true;
		before->bytes_received = cases[i].before;
		longer->bytes_received = 1000;
		after->bytes_received = cases[i].after;
		run_tally(&run, scratch);
		assert_int_equal(after->outcome, cases[i].outcome);
		assert_int_equal(before->outcome, OUTCOME_OK);
		after->outcome = OUTCOME_OK;
		run.expects_body = true; /* a pattern has judged it */
		run_tally(&run, scratch);
		assert_int_equal(after->outcome, OUTCOME_OK);
	}
}

static void what_no_program_had_accepted_is_counted_apart(void **state)
{
	struct run run = a_run();

	(void)state;
	add(&run, COHORT_IN_FLIGHT, OUTCOME_OK, -1 * S, 1 * S);
	add(&run, COHORT_IN_FLIGHT, OUTCOME_RESET_CONNECT, -1 * S, 1 * S);
	add(&run, COHORT_IN_FLIGHT, OUTCOME_TRUNCATED, -1 * S, 1 * S);
	add(&run, COHORT_IN_FLIGHT, OUTCOME_OK, -2 * S, -1 * S); /* before the stop */
	run.attempts[1].was_queued = true;
	run.attempts[2].is_queue_unknown = run.attempts[3].is_queue_unknown = true;
	run_tally(&run, scratch);

	assert_int_equal(run.numbers.in_flight_at_stop, 2);
	assert_int_equal(run.numbers.in_flight_cut, 1);
	assert_int_equal(run.numbers.queued_at_stop, 1);
	assert_int_equal(run.numbers.queue_unknown, 1);
	assert_int_equal(run.numbers.judged[OUTCOME_RESET_CONNECT], 1);
}

static void without_any_answer_the_ideal_is_not_known(void **state)
{
	struct run run = a_run();

	(void)state;
	add(&run, COHORT_IN_FLIGHT, OUTCOME_RESET_BEFORE_RESPONSE, -1 * S, 10 * MS);
	run_tally(&run, scratch);

	assert_true(isnan(run.numbers.ideal_stop_s));
	assert_true(isnan(run.numbers.overshoot_s));
	assert_true(isnan(run.numbers.undershoot_s));
	assert_true(isnan(run.numbers.efficiency));
	assert_about(run.numbers.stop_wall_s, 3);
}

static void an_idle_stop_is_all_overshoot_beyond_the_least_drain(void **state)
{
	struct run run = a_run();

	(void)state;
	run.min_drain_s = 2;
	run_tally(&run, scratch);

	assert_true(isnan(run.numbers.completion_ratio));
	assert_about(run.numbers.ideal_stop_s, 2);
	assert_about(run.numbers.overshoot_s, 1);
	assert_true(isnan(run.numbers.max_gap_s));
	assert_int_equal(run.numbers.drain_s.samples, 0);
}

static void only_requests_of_cohort_a_across_t0_were_in_flight(void **state)
{
	struct run run = a_run();

	(void)state;
	add(&run, COHORT_IN_FLIGHT, OUTCOME_OK, -2 * S, -1 * S); /* answered before */
	add(&run, COHORT_IN_FLIGHT, OUTCOME_CLIENT_ERROR, -1 * S, 1 * S); /* not the server's */
	add(&run, COHORT_PRECONNECTED, OUTCOME_OK, -1 * S, 1 * S); /* asked nothing */
	add(&run, COHORT_NEW, OUTCOME_OK, -1 * S, 1 * S); /* perhaps not there yet */
	add(&run, COHORT_KEEP_ALIVE, OUTCOME_OK, 1 * MS, 2 * MS);
	run_tally(&run, scratch);

	assert_int_equal(run.numbers.in_flight_at_stop, 0);
	assert_int_equal(run.numbers.cohorts[COHORT_IN_FLIGHT].attempts, 2);
	assert_int_equal(run.numbers.cohorts[COHORT_IN_FLIGHT].outcomes[OUTCOME_CLIENT_ERROR], 1);
	assert_int_equal(run.numbers.succeeded_after_stop, 3);
}

static void every_attempt_gets_its_phases(void **state)
{
	struct run run = a_run();

	(void)state;
	add(&run, COHORT_IN_FLIGHT, OUTCOME_OK, -1 * S, 2 * S);
	add(&run, COHORT_NEW, OUTCOME_OK, 10 * MS, 20 * MS);
	add(&run, COHORT_NEW, OUTCOME_REFUSED, 1 * S, 1 * S);
	add(&run, COHORT_NEW, OUTCOME_REFUSED, 3 * S, 3 * S);
	run_tally(&run, scratch);

	assert_int_equal(run.marks[MARK_LISTENER_CLOSED], 1 * S);
	assert_int_equal(attempts[0].phase_at_start, DRILL_BEFORE);
	assert_int_equal(attempts[0].phase_at_end, DRILL_DRAINING);
	assert_int_equal(attempts[1].phase_at_start, DRILL_LAME_DUCK);
	assert_int_equal(attempts[1].phase_at_end, DRILL_LAME_DUCK);
	assert_int_equal(attempts[2].phase_at_end, DRILL_DRAINING);
	assert_int_equal(attempts[3].phase_at_start, DRILL_AFTER_EXIT);
}

static void a_refusal_before_the_stop_closed_no_listener(void **state)
{
	struct run run = a_run();

	(void)state;
	add(&run, COHORT_NEW, OUTCOME_REFUSED, -1 * S, -1 * S);
	run_tally(&run, scratch);

	assert_int_equal(run.marks[MARK_LISTENER_CLOSED], DRILL_NEVER);
}

static void a_listener_that_opens_again_was_open(void **state)
{
	struct run run = a_run();

	(void)state;
	add(&run, COHORT_NEW, OUTCOME_REFUSED, 100 * MS, 101 * MS);
	add(&run, COHORT_NEW, OUTCOME_OK, 200 * MS, 210 * MS);
	run_tally(&run, scratch);
	assert_int_equal(run.marks[MARK_LISTENER_CLOSED], DRILL_NEVER);
	add(&run, COHORT_NEW, OUTCOME_REFUSED, 300 * MS, 301 * MS);
	add(&run, COHORT_NEW, OUTCOME_REFUSED, 400 * MS, 401 * MS);
	run_tally(&run, scratch);
	assert_int_equal(run.marks[MARK_LISTENER_CLOSED], 301 * MS);
}

/* The request of kind 1 takes 100 ms, however long those of kind 0 take. */
static void what_was_cut_is_due_by_its_own_kind(void **state)
{
	struct run run = a_run();

	(void)state;
	run.has_health = true; /* and it never fails */
	run.marks[MARK_EXIT] = 1 * S;
	add(&run, COHORT_IN_FLIGHT, OUTCOME_OK, -5 * S, -1 * S);
	add(&run, COHORT_NEW, OUTCOME_OK, -500 * MS, -400 * MS)->request = 1;
	add(&run, COHORT_NEW, OUTCOME_TRUNCATED, 950 * MS, 1 * S)->request = 1;
	attempts[2].first_byte = 960 * MS;
	add(&run, COHORT_NEW, OUTCOME_RESET_CONNECT, 990 * MS, 1 * S)->request = 1; /* not taken */
	run_tally(&run, scratch);
	assert_about(run.numbers.ideal_stop_s, 1.05);
	assert_about(run.numbers.undershoot_s, 0.05);
	assert_about(run.numbers.overshoot_s, 0);
	assert_int_equal(run.numbers.lost[OUTCOME_TRUNCATED], 1);
	assert_int_equal(run.numbers.lost[OUTCOME_RESET_CONNECT], 1);
}

/* The kernel flushes what an application has left it: later than the exit, and whole. */
static void an_answer_after_the_exit_was_not_cut(void **state)
{
	struct run run = a_run();

	(void)state;
	add(&run, COHORT_IN_FLIGHT, OUTCOME_OK, -1 * S, 4 * S);
	run_tally(&run, scratch);
	assert_about(run.numbers.ideal_stop_s, 4);
	assert_about(run.numbers.undershoot_s, 0);
}

static void clients_that_were_sent_elsewhere_in_time_lost_nothing(void **state)
{
	struct run run = a_run();

	(void)state;
	add(&run, COHORT_NEW, OUTCOME_REFUSED, 100 * MS, 101 * MS);
	add(&run, COHORT_KEEP_ALIVE, OUTCOME_HTTP_503_DRAINING, 100 * MS, 101 * MS);
	add(&run, COHORT_KEEP_ALIVE, OUTCOME_EOF_BEFORE_RESPONSE, 100 * MS, 101 * MS);
	add(&run, COHORT_NEW, OUTCOME_RESET_CONNECT, 4 * S, 4 * S); /* after the exit */
	run_tally(&run, scratch);
	assert_int_equal(run.numbers.lost[OUTCOME_REFUSED], 0);
	assert_int_equal(run.numbers.lost[OUTCOME_HTTP_503_DRAINING], 0);
	assert_int_equal(run.numbers.lost[OUTCOME_EOF_BEFORE_RESPONSE], 1);
	assert_int_equal(run.numbers.lost[OUTCOME_RESET_CONNECT], 0);
}

static void latency_is_that_of_answers_before_and_after_the_stop(void **state)
{
	struct run run = a_run();

	(void)state;
	add(&run, COHORT_NEW, OUTCOME_OK, -500 * MS, -400 * MS);
	add(&run, COHORT_NEW, OUTCOME_OK, -300 * MS, -290 * MS);
	add(&run, COHORT_NEW, OUTCOME_OK, -10 * MS, 190 * MS);
	add(&run, COHORT_NEW, OUTCOME_TIMEOUT_RESPONSE, 0, 2 * S);
	add(&run, COHORT_NEW, OUTCOME_OK, 3 * S, 4 * S); /* sent with the exit: by another server */
	run_tally(&run, scratch);
	assert_int_equal(run.numbers.latency[COHORT_NEW].before_s.samples, 2);
	assert_about(run.numbers.latency[COHORT_NEW].before_s.p50, 0.01);
	assert_about(run.numbers.latency[COHORT_NEW].before_s.max, 0.1);
	assert_int_equal(run.numbers.latency[COHORT_NEW].drain_s.samples, 1);
	assert_about(run.numbers.latency[COHORT_NEW].drain_s.p99, 0.2);
	assert_int_equal(run.numbers.latency[COHORT_IN_FLIGHT].before_s.samples, 0);
}

static void the_lame_duck_is_the_time_from_unhealthy_to_closed(void **state)
{
	struct run run = a_run();

	(void)state;
	run.has_health = true;
	run.marks[MARK_UNHEALTHY] = 50 * MS;
	add(&run, COHORT_NEW, OUTCOME_REFUSED, 2 * S, 2 * S);
	run_tally(&run, scratch);
	assert_about(run.numbers.lame_duck_s, 1.95);

	run.marks[MARK_UNHEALTHY] = 2500 * MS; /* a load balancer would have routed to a wall */
	run_tally(&run, scratch);
	assert_about(run.numbers.lame_duck_s, -0.5);

	run.marks[MARK_UNHEALTHY] = DRILL_NEVER;
	run_tally(&run, scratch);
	assert_true(isnan(run.numbers.lame_duck_s));
}

static void gaps_are_counted_from_the_stop_to_the_exit(void **state)
{
	struct run run = a_run();

	(void)state;
	add(&run, COHORT_NEW, OUTCOME_OK, -100 * MS, -50 * MS); /* before: says nothing */
	add(&run, COHORT_NEW, OUTCOME_OK, 10 * MS, 900 * MS); /* started first, answered last */
	add(&run, COHORT_NEW, OUTCOME_OK, 20 * MS, 400 * MS);
	add(&run, COHORT_KEEP_ALIVE, OUTCOME_OK, 1 * S, 2 * S); /* another cohort */
	add(&run, COHORT_NEW, OUTCOME_REFUSED, 1 * S, 1 * S);
	run_tally(&run, scratch);
	assert_about(run.numbers.max_gap_s, 2.1); /* 0.9 to the exit at 3 */

	run.marks[MARK_EXIT] = 950 * MS;
	run_tally(&run, scratch);
	assert_about(run.numbers.max_gap_s, 0.5); /* 0.4 to 0.9 */

	run.marks[MARK_EXIT] = DRILL_NEVER;
	run_tally(&run, scratch);
	assert_true(isnan(run.numbers.max_gap_s));
}

static void attempts_that_no_load_balancer_would_make_are_not_judged(void **state)
{
	struct run run = a_run();

	(void)state;
	run.has_health = true;
	run.lb_window_s = 0.5;
	run.marks[MARK_UNHEALTHY] = 100 * MS;
	add(&run, COHORT_NEW, OUTCOME_REFUSED, 90 * MS, 91 * MS);
	add(&run, COHORT_NEW, OUTCOME_REFUSED, 599 * MS, 601 * MS);
	add(&run, COHORT_NEW, OUTCOME_REFUSED, 600 * MS, 601 * MS); /* it has noticed */
	add(&run, COHORT_NEW, OUTCOME_REFUSED, 4 * S, 4 * S); /* gone */
	add(&run, COHORT_IN_FLIGHT, OUTCOME_TRUNCATED, -1 * S, 2 * S); /* asked before */
	add(&run, COHORT_NEW, OUTCOME_TRUNCATED, -2 * S, -1 * S); /* not of the stop */
	run_tally(&run, scratch);

	assert_int_equal(run.numbers.judged[OUTCOME_REFUSED], 2);
	assert_int_equal(run.numbers.refused_while_healthy, 2);
	assert_int_equal(run.numbers.judged[OUTCOME_TRUNCATED], 1);
}

static void without_a_health_endpoint_all_until_the_stop_is_judged(void **state)
{
	struct run run = a_run();

	(void)state;
	add(&run, COHORT_ACCEPT_QUEUE, OUTCOME_REFUSED, 0, 1 * MS);
	add(&run, COHORT_NEW, OUTCOME_REFUSED, 1 * MS, 2 * S);
	run_tally(&run, scratch);

	assert_int_equal(run.numbers.judged[OUTCOME_REFUSED], 1);
	assert_int_equal(run.numbers.refused_while_healthy, 0);
}

/* Answers of one request are held against those before the stop. */
/* The same attempts: the URL of a deployment is there all the time. */
static void of_a_deployment_all_until_its_end_is_judged(void **state)
{
	struct run run = a_run();

	(void)state;
	run.is_deployment = true;
	add(&run, COHORT_IN_FLIGHT, OUTCOME_OK, -1 * S, 1 * S);
	add(&run, COHORT_NEW, OUTCOME_REFUSED, 100 * MS, 100 * MS);
	add(&run, COHORT_NEW, OUTCOME_HTTP_503_DRAINING, 2900 * MS, 2950 * MS);
	add(&run, COHORT_NEW, OUTCOME_REFUSED, 3100 * MS, 3100 * MS);
	run_tally(&run, scratch);

	assert_int_equal(run.numbers.judged_total, 3);
	assert_int_equal(run.numbers.judged[OUTCOME_REFUSED], 1);
	assert_int_equal(run.numbers.judged[OUTCOME_HTTP_503_DRAINING], 1);
	assert_int_equal(run.numbers.lost[OUTCOME_REFUSED], 1);
	assert_about(run.numbers.stop_wall_s, 3);
	assert_true(isnan(run.numbers.ideal_stop_s) && isnan(run.numbers.overshoot_s));
}

/* The last old server may stop only when the command has ended. */
static void of_a_deployment_requests_are_judged_after_its_command_too(void **state)
{
	struct run run = a_run();

	(void)state;
	run.is_deployment = true;
	run.linger = 2 * S;
	add(&run, COHORT_IN_FLIGHT, OUTCOME_RESET_BEFORE_RESPONSE, 2500 * MS, 6 * S);
	add(&run, COHORT_NEW, OUTCOME_REFUSED, 4900 * MS, 4900 * MS);
	add(&run, COHORT_NEW, OUTCOME_REFUSED, 5100 * MS, 5100 * MS);
	run_tally(&run, scratch);

	assert_int_equal(run.numbers.judged_total, 2);
	assert_int_equal(run.numbers.judged[OUTCOME_REFUSED], 1);
	assert_int_equal(run.numbers.lost[OUTCOME_REFUSED], 1);
	assert_int_equal(run.attempts[1].phase_at_start == DRILL_AFTER_EXIT, false);
	assert_int_equal(run.attempts[2].phase_at_start, DRILL_AFTER_EXIT);
	assert_about(run.numbers.stop_wall_s, 3);
}

/* SIGTERM comes first, and a trap may end with any status. */
static void a_deployment_that_took_too_long_was_killed_whatever_its_status(void **state)
{
	struct run run = a_run();

	(void)state;
	run.is_deployment = true;
	run.marks[MARK_EXIT] = 10 * S + 20 * MS;
	run_tally(&run, scratch);
	assert_true(run.numbers.was_killed_at_deadline);
}

static void answers_are_compared_with_those_before_the_stop(void **state)
{
	struct run run = a_run();
	const struct {
		int before, after;
		enum outcome outcome, expected;
	} cases[] = {
		{200, 200, OUTCOME_OK, OUTCOME_OK},
		{200, 302, OUTCOME_OK, OUTCOME_HTTP_OTHER},
		{200, 204, OUTCOME_OK, OUTCOME_HTTP_OTHER},
		{302, 302, OUTCOME_OK, OUTCOME_OK},
		{200, 429, OUTCOME_HTTP_4XX, OUTCOME_HTTP_4XX},
		{404, 404, OUTCOME_HTTP_4XX, OUTCOME_OK},
		{200, 503, OUTCOME_HTTP_503_DRAINING, OUTCOME_HTTP_503_DRAINING},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct attempt *after;

		run = a_run();
		add(&run, COHORT_NEW, OUTCOME_OK, -2 * S, -1 * S)->http_status = cases[i].before;
		after = add(&run, COHORT_NEW, cases[i].outcome, 0, 1 * S);
		after->http_status = cases[i].after;
		run_tally(&run, scratch);
		assert_int_equal(after->outcome, cases[i].expected);
		assert_int_equal(run.numbers.errors_as_before,
			after->outcome == OUTCOME_OK && cases[i].after >= 400);
	}
	run = a_run();
	run.expect_status = 302;
	add(&run, COHORT_NEW, OUTCOME_OK, 0, 1 * S)->http_status = 302;
	run_tally(&run, scratch);
	assert_int_equal(attempts[0].outcome, OUTCOME_OK);
}

/* HTTP/1.0: the body ends with the connection, and only one from before the stop tells how long it is. */
static void bodies_without_length_are_compared_or_prove_nothing(void **state)
{
	struct run run = a_run();
	struct attempt *after;

	(void)state;
	after = add(&run, COHORT_IN_FLIGHT, OUTCOME_OK, -1 * S, 1 * S);
	after->http_status = 200;
	after->bytes_received = 50;
	run_tally(&run, scratch);
	assert_int_equal(run.numbers.unproven, 1);

	run.attempt_count = 0;
	add(&run, COHORT_IN_FLIGHT, OUTCOME_OK, -3 * S, -2 * S)->http_status = 200;
	attempts[0].bytes_received = 100;
	after = add(&run, COHORT_IN_FLIGHT, OUTCOME_OK, -1 * S, 1 * S);
	after->http_status = 200;
	after->bytes_received = 50;
	run_tally(&run, scratch);
	assert_int_equal(after->outcome, OUTCOME_TRUNCATED);
	assert_int_equal(run.numbers.unproven, 0);
	assert_int_equal(run.numbers.in_flight_cut, 1);
}

static void a_killed_target_is_told_from_one_that_only_says_137(void **state)
{
	struct run run = a_run();

	(void)state;
	run.exit.code = 137; /* after 3 of 10 s: lastcall killed the application, in time */
	run_tally(&run, scratch);
	assert_false(run.numbers.was_killed_at_deadline);

	run.marks[MARK_EXIT] = 10 * S + 20 * MS;
	run_tally(&run, scratch);
	assert_true(run.numbers.was_killed_at_deadline);
	assert_about(run.numbers.deadline_margin_s, -0.02);

	run.exit = (struct run_exit){.code = -1, .signal = 9};
	run_tally(&run, scratch);
	assert_true(run.numbers.was_killed_at_deadline);
}

static void a_target_that_never_ended_has_no_times(void **state)
{
	struct run run = a_run();

	(void)state;
	run.marks[MARK_EXIT] = DRILL_NEVER;
	run_tally(&run, scratch);

	assert_true(isnan(run.numbers.stop_wall_s));
	assert_true(isnan(run.numbers.overshoot_s));
	assert_true(isnan(run.numbers.deadline_margin_s));
	assert_false(run.numbers.was_killed_at_deadline);
}

static void the_last_accept_is_a_new_connection_that_got_an_answer(void **state)
{
	struct run run = a_run();

	(void)state;
	add(&run, COHORT_NEW, OUTCOME_OK, 100 * MS, 110 * MS);
	add(&run, COHORT_KEEP_ALIVE, OUTCOME_OK, 200 * MS, 210 * MS)->is_reused = true;
	add(&run, COHORT_NEW, OUTCOME_TRUNCATED, 300 * MS, 320 * MS)->first_byte = 310 * MS;
	add(&run, COHORT_NEW, OUTCOME_RESET_CONNECT, 400 * MS, 401 * MS);
	run_tally(&run, scratch);

	assert_int_equal(run.marks[MARK_LAST_ACCEPT], 300 * MS);
	assert_int_equal(run.marks[MARK_LAST_SUCCESS], 210 * MS);
	assert_int_equal(run.marks[MARK_LAST_BYTE], 320 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_in_flight_completed),
		cmocka_unit_test(what_was_cut_is_due_as_late_as_others_took),
		cmocka_unit_test(a_body_of_less_than_half_is_another_answer),
		cmocka_unit_test(what_no_program_had_accepted_is_counted_apart),
		cmocka_unit_test(without_any_answer_the_ideal_is_not_known),
		cmocka_unit_test(an_idle_stop_is_all_overshoot_beyond_the_least_drain),
		cmocka_unit_test(only_requests_of_cohort_a_across_t0_were_in_flight),
		cmocka_unit_test(every_attempt_gets_its_phases),
		cmocka_unit_test(a_refusal_before_the_stop_closed_no_listener),
		cmocka_unit_test(a_listener_that_opens_again_was_open),
		cmocka_unit_test(what_was_cut_is_due_by_its_own_kind),
		cmocka_unit_test(an_answer_after_the_exit_was_not_cut),
		cmocka_unit_test(clients_that_were_sent_elsewhere_in_time_lost_nothing),
		cmocka_unit_test(latency_is_that_of_answers_before_and_after_the_stop),
		cmocka_unit_test(the_lame_duck_is_the_time_from_unhealthy_to_closed),
		cmocka_unit_test(gaps_are_counted_from_the_stop_to_the_exit),
		cmocka_unit_test(attempts_that_no_load_balancer_would_make_are_not_judged),
		cmocka_unit_test(of_a_deployment_all_until_its_end_is_judged),
		cmocka_unit_test(of_a_deployment_requests_are_judged_after_its_command_too),
		cmocka_unit_test(a_deployment_that_took_too_long_was_killed_whatever_its_status),
		cmocka_unit_test(answers_are_compared_with_those_before_the_stop),
		cmocka_unit_test(bodies_without_length_are_compared_or_prove_nothing),
		cmocka_unit_test(without_a_health_endpoint_all_until_the_stop_is_judged),
		cmocka_unit_test(a_killed_target_is_told_from_one_that_only_says_137),
		cmocka_unit_test(a_target_that_never_ended_has_no_times),
		cmocka_unit_test(the_last_accept_is_a_new_connection_that_got_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "core/stop/stop_outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SIGNALLED 5000 /* when the application is sent its stop signal, in every test */
#define TERM 15
#define SEGV 11
#define KILL 9

static struct stop_plan plan;
static struct stop_outcome_facts facts;

/* An application that is sent SIGTERM and exits 50 ms later with a status of its own. */
static int begin(void **state)
{
	static const struct stop_budget budget = {.timeout = 10000, .gone = 9000};
	static const struct stop_settings settings = {.exit_when_idle = MSEC_NEVER};

	(void)state;
	stop_plan_init(&plan, &budget, &settings);
	plan.state = STOP_DONE;
	plan.started = SIGNALLED - 1000;
	plan.signalled = true;
	plan.entered[STOP_TERMINATING] = SIGNALLED;
	facts = (struct stop_outcome_facts){.has_exited = true,
		.exited_at = SIGNALLED + 50,
		.stop_signal = TERM,
		.handles_stop_signal = 1,
		.first_cut_at = MSEC_NEVER};
	return 0;
}

static void an_exit_is_unasked_before_the_signal_or_by_another_one(void **state)
{
	static const struct {
		bool is_signalled;
		int exit_signal;
		bool killed, is_unasked;
	} rows[] = {
		{false, 0, false, true}, {false, TERM, false, true}, {true, 0, false, false},
		{true, TERM, false, false}, {true, SEGV, false, true},
		{true, KILL, false, true}, /* the kernel's, for lack of memory */
		{true, KILL, true, false}, /* ours */
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		plan.signalled = rows[i].is_signalled;
		facts.exit_signal = rows[i].exit_signal;
		facts.killed = rows[i].killed;
		if (stop_outcome_is_unasked(&plan, &facts) != rows[i].is_unasked)
			fail_msg("row %zu", i);
	}
	begin(state);
	facts.stop_refused = true;
	assert_true(stop_outcome_is_unasked(&plan, &facts));
}

static void requests_that_end_just_after_the_signal_were_cut_by_it(void **state)
{
	static const struct {
		unsigned cut;
		msec_t first_cut_at, exited_at, killed_at; /* after the signal; -1: never */
		int exit_signal;
		msec_t cut_at;
	} rows[] = {
		{0, -1, 50, -1, 0, -1},
		{2, 30, 50, -1, 0, 30},
		{2, 60, 50, -1, 0, 50}, /* seen by the poll after its exit */
		{2, 60, 1200, -1, 0, 60}, /* Apache's main process takes longer */
		{2, 1000, 1200, -1, 0, 1000},
		{2, 1001, 1200, -1, 0, -1}, /* it had time of its own */
		{2, -1, 50, -1, SEGV, -1}, /* it crashed */
		{2, 500, -1, -1, 0, 500}, /* it is still there */
		{2, 500, -1, 500, 0, -1}, /* by our SIGKILL */
		{2, 400, -1, 500, 0, 400},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		msec_t expected = rows[i].cut_at < 0 ? MSEC_NEVER : SIGNALLED + rows[i].cut_at;

		facts.cut = rows[i].cut;
		facts.first_cut_at =
			rows[i].first_cut_at < 0 ? MSEC_NEVER : SIGNALLED + rows[i].first_cut_at;
		facts.has_exited = rows[i].exited_at >= 0;
		facts.exited_at = SIGNALLED + rows[i].exited_at;
		facts.exit_signal = rows[i].exit_signal;
		plan.killed_at = rows[i].killed_at < 0 ? MSEC_NEVER : SIGNALLED + rows[i].killed_at;
		if (stop_outcome_cut_at(&plan, &facts) != expected)
			fail_msg("row %zu", i);
	}
	facts = (struct stop_outcome_facts){.cut = 1, .first_cut_at = SIGNALLED + 10};
	plan.killed_at = MSEC_NEVER;
	plan.signalled = false;
	assert_true(stop_outcome_cut_at(&plan, &facts) == MSEC_NEVER);
	begin(state);
	facts.cut = 1;
	facts.stop_refused = true; /* it never got the signal */
	assert_true(stop_outcome_cut_at(&plan, &facts) == MSEC_NEVER);
}

static void every_stop_has_one_outcome(void **state)
{
	static const struct {
		bool ended_by_itself, killed, has_exited, not_ready, budget_exhausted;
		unsigned cut;
		enum report_outcome outcome;
	} rows[] = {
		{.has_exited = true, .outcome = REPORT_DRAINED},
		{.has_exited = true, .cut = 1, .outcome = REPORT_APP_EXITED},
		{.has_exited = true, .budget_exhausted = true, .outcome = REPORT_BUDGET_EXHAUSTED},
		{.has_exited = true,
			.budget_exhausted = true,
			.cut = 1,
			.outcome = REPORT_BUDGET_EXHAUSTED},
		{.has_exited = true, .not_ready = true, .outcome = REPORT_APP_EXITED},
		{.has_exited = true,
			.not_ready = true,
			.budget_exhausted = true,
			.outcome = REPORT_APP_EXITED},
		{.has_exited = true, .killed = true, .not_ready = true, .outcome = REPORT_KILLED},
		{.has_exited = true,
			.killed = true,
			.budget_exhausted = true,
			.outcome = REPORT_KILLED},
		{.has_exited = false, .outcome = REPORT_KILLED}, /* it ends with us */
		{.has_exited = true,
			.ended_by_itself = true,
			.budget_exhausted = true,
			.outcome = REPORT_APP_EXITED},
		{.has_exited = true,
			.ended_by_itself = true,
			.killed = true,
			.outcome = REPORT_APP_EXITED},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		(void)begin(state);
		plan.ended_by_itself = rows[i].ended_by_itself;
		plan.not_ready = rows[i].not_ready;
		plan.budget_exhausted = rows[i].budget_exhausted;
		facts.killed = rows[i].killed;
		facts.has_exited = rows[i].has_exited;
		facts.cut = rows[i].cut;
		if (stop_outcome_of(&plan, &facts) != rows[i].outcome)
			fail_msg("row %zu", i);
	}
}

/* Each is asked for alone. */
static void expect(enum report_diagnosis diagnosis)
{
	assert_int_equal(stop_outcome_diagnose(&plan, &facts), 1u << diagnosis);
	(void)begin(NULL);
	assert_int_equal(stop_outcome_diagnose(&plan, &facts), 0);
}

static void each_diagnosis_has_its_reason(void **state)
{
	(void)state;
	facts.handles_stop_signal = 0;
	expect(REPORT_DIAGNOSIS_NO_HANDLER);
	facts.handles_stop_signal = -1; /* not known is no diagnosis */
	assert_int_equal(stop_outcome_diagnose(&plan, &facts), 0);
	facts.handles_stop_signal = 1;
	facts.cut = 1;
	expect(REPORT_DIAGNOSIS_DIED_WITH_WORK);
	facts.stop_refused = true;
	expect(REPORT_DIAGNOSIS_MAY_NOT_SIGNAL);
	plan.not_ready = true;
	expect(REPORT_DIAGNOSIS_NOT_READY);
	facts.oom_kills = -1;
	assert_int_equal(stop_outcome_diagnose(&plan, &facts), 0);
	facts.oom_kills = 1;
	expect(REPORT_DIAGNOSIS_OUT_OF_MEMORY);
	plan.doubted = 999;
	assert_int_equal(stop_outcome_diagnose(&plan, &facts), 0);
	plan.doubted = 1000;
	expect(REPORT_DIAGNOSIS_WAITED_IN_DOUBT);
	plan.killed_while_idle = facts.has_listened = true;
	expect(REPORT_DIAGNOSIS_IDLE_NOT_EXITING);
	plan.killed_while_idle = true; /* one that never listened may have work that is not seen, */
	assert_int_equal(stop_outcome_diagnose(&plan, &facts), 0);
	facts.has_listened = plan.busy_since_signalled = true; /* and so may one that had some */
	assert_int_equal(stop_outcome_diagnose(&plan, &facts), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			an_exit_is_unasked_before_the_signal_or_by_another_one, begin),
		cmocka_unit_test_setup(
			requests_that_end_just_after_the_signal_were_cut_by_it, begin),
		cmocka_unit_test_setup(every_stop_has_one_outcome, begin),
		cmocka_unit_test_setup(each_diagnosis_has_its_reason, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* How the target ended. */
#include "drill/core/check.h"

#include "core/text/signal_name.h"

#include <signal.h>

static bool is_crash(int signal)
{
	return signal == SIGSEGV || signal == SIGABRT || signal == SIGBUS || signal == SIGILL ||
	       signal == SIGFPE || signal == SIGTRAP || signal == SIGSYS;
}

/* The signal that ended it, as the exit tells or as shells and inits say it. */
static int ending_signal(const struct run_exit *exit)
{
	return exit->signal > 0 ? exit->signal : exit->code > 128 ? exit->code - 128 : 0;
}

/* What is wrong with the end of a deployment; NULL: nothing. */
static const char *bad_deployment(const struct run *run)
{
	if (run->numbers.was_killed_at_deadline)
		return "not within the stop timeout";
	if (run->marks[MARK_EXIT] == DRILL_NEVER)
		return "not over";
	return run->still_answers ? NULL : "its URL is not answered well after the end";
}

/* What is wrong with a run's end; NULL: nothing. */
static const char *bad_end(const struct run *run, const struct thresholds *thresholds)
{
	int signal = ending_signal(&run->exit);

	if (run->is_deployment)
		return bad_deployment(run);
	if (run->exit.is_oom_killed)
		return "out of memory";
	if (run->numbers.was_killed_at_deadline)
		return "killed at the deadline";
	if (run->marks[MARK_EXIT] == DRILL_NEVER)
		return "still there";
	if (run->still_answers)
		return "its URL is still answered";
	if (run->processes_left > 0)
		return "it left processes";
	if (!run->exit.is_known || thresholds->expect_exit_count > 0)
		return NULL; /* the other check's */
	if (signal == SIGKILL)
		return "killed before the deadline";
	return is_crash(signal) ? "it crashed" : NULL;
}

static void check_end(struct drill_result *result, const struct thresholds *thresholds)
{
	const struct run *bad = NULL;
	struct check_texts texts;
	bool is_known = false, has_all_statuses = true;
	unsigned failed = 0;

	for (unsigned i = 0; i < result->run_count; i++) {
		if (!check_counts_run(&result->runs[i]))
			continue;
		is_known = true;
		has_all_statuses &= result->runs[i].exit.is_known;
		if (bad_end(&result->runs[i], thresholds) == NULL)
			continue;
		failed++;
		if (bad == NULL)
			bad = &result->runs[i];
	}
	if (!is_known)
		return;
	texts = result->runs[0].is_deployment ? check_add(result, "deployment_ended")
					      : check_add(result, "ended_by_itself");
	texts.check->has_passed = bad == NULL;
	texts.check->failed_runs = failed;
	text_add(&texts.limit, "yes");
	text_add(&texts.observed, bad != NULL         ? bad_end(bad, thresholds)
				  : !has_all_statuses ? "yes, with what status is not known"
						      : "yes");
	if (bad != NULL)
		check_add_run(&texts.observed, result, bad);
}

static void add_exit(struct text *text, const struct run_exit *exit)
{
	if (exit->code >= 0)
		text_printf(text, "exit status %d", exit->code);
	else
		text_printf(text, "ended by %s", signal_name(exit->signal));
}

/* What parents see of an exit: the status, or 128 + the signal. */
static int exit_status_of(const struct run_exit *exit)
{
	return exit->code >= 0 ? exit->code : 128 + exit->signal;
}

static bool is_usual_exit(const struct run *run)
{
	int status = exit_status_of(&run->exit);

	return status == 0 || status == 128 + SIGTERM ||
	       (run->stop_signal > 0 && status == 128 + run->stop_signal) ||
	       status == 128 + SIGKILL; /* which is another check's */
}

static bool is_expected_exit(const struct run *run, const struct thresholds *thresholds)
{
	for (unsigned i = 0; i < thresholds->expect_exit_count; i++) {
		if (thresholds->expect_exit[i] == exit_status_of(&run->exit))
			return true;
	}
	return thresholds->expect_exit_count == 0;
}

static void warn_of_exit(struct drill_result *result, const struct run *run)
{
	struct text text = check_add_warning(result);

	add_exit(&text, &run->exit);
	check_add_run(&text, result, run);
	text_add(&text, ": neither 0, 143 nor 128 + the stop signal (--expect-exit accepts it)");
}

static void warn_of_unknown_exit(struct drill_result *result, const struct run *run)
{
	struct text text = check_add_warning(result);

	text_add(&text, "how it ended is not known");
	check_add_run(&text, result, run);
	text_add(&text, ": only its parent learns that, and a crash would not show");
}

static void check_exits(struct drill_result *result, const struct thresholds *thresholds)
{
	const struct run *bad = NULL, *unusual = NULL, *unknown = NULL;
	struct check_texts texts;
	unsigned failed = 0;

	for (unsigned i = 0; i < result->run_count; i++) {
		const struct run *run = &result->runs[i];

		if (!check_counts_run(run))
			continue;
		if (!run->exit.is_known) {
			unknown = unknown != NULL ? unknown : run;
			continue;
		}
		failed += !is_expected_exit(run, thresholds);
		if (bad == NULL && !is_expected_exit(run, thresholds))
			bad = run;
		if (unusual == NULL && !is_usual_exit(run))
			unusual = run;
	}
	if (thresholds->expect_exit_count == 0) {
		if (unusual != NULL)
			warn_of_exit(result, unusual);
		if (unknown != NULL && unknown->marks[MARK_EXIT] != DRILL_NEVER)
			warn_of_unknown_exit(result, unknown);
		return;
	}
	texts = check_add(result, "expect_exit");
	texts.check->has_passed = bad == NULL;
	texts.check->failed_runs = failed;
	for (unsigned i = 0; i < thresholds->expect_exit_count; i++)
		text_printf(&texts.limit, "%s%d", i > 0 ? "," : "", thresholds->expect_exit[i]);
	if (bad != NULL) {
		add_exit(&texts.observed, &bad->exit);
		check_add_run(&texts.observed, result, bad);
	} else {
		text_add(&texts.observed, unknown == NULL ? "as expected" : "not known");
	}
}

/* Old servers end after the requests that were in flight at the start. A command that ended sooner may only have
 * asked for the deployment, and what fails long after its end is not judged. */
static void warn_of_early_command(struct drill_result *result)
{
	for (unsigned i = 0; i < result->run_count; i++) {
		const struct run *run = &result->runs[i];
		struct text text;

		if (!run->is_deployment || !check_counts_run(run) ||
			run->numbers.in_flight_completed == 0 ||
			!(run->numbers.drain_s.max > run->numbers.stop_wall_s))
			continue;
		text = check_add_warning(result);
		text_add(&text, "the command ended before requests that were in flight");
		check_add_run(&text, result, run);
		text_add(&text, ": has it waited for the old servers? (--deploy)");
		return;
	}
}

void exit_checks_add(struct drill_result *result, const struct thresholds *thresholds)
{
	warn_of_early_command(result);
	check_end(result, thresholds);
	check_exits(result, thresholds);
}

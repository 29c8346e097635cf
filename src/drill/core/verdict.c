/* SPDX-License-Identifier: MIT */
#include "drill/core/verdict.h"

#include "drill/core/check.h"

/* No deployment is over so soon: the command has only asked for it. */
#define SHORTEST_DEPLOYMENT_S 1

static bool is_any_check_failed(const struct drill_result *result, bool is_doubtful)
{
	for (unsigned i = 0; i < result->check_count; i++) {
		if (!result->checks[i].has_passed && result->checks[i].is_doubtful == is_doubtful)
			return true;
	}
	return false;
}

/* Adds why a run proves nothing. */
static void doubt_run(
	struct text *doubt, const struct run *run, const struct thresholds *thresholds)
{
	uint32_t client_errors = 0, attempts = 0;

	for (int i = 0; i < COHORT_COUNT; i++) {
		client_errors += run->numbers.cohorts[i].outcomes[OUTCOME_CLIENT_ERROR];
		attempts += run->numbers.cohorts[i].attempts;
	}
	if (run->error[0] != '\0')
		text_printf(doubt, "run %u: %s", run->number, run->error);
	else if (run->is_deployment && !run->numbers.was_killed_at_deadline &&
		 run->numbers.stop_wall_s < SHORTEST_DEPLOYMENT_S)
		text_printf(doubt,
			"run %u: the command ended after %u ms: it has to end when the deployment "
			"is over (--deploy)",
			run->number, (unsigned)(run->numbers.stop_wall_s * 1000));
	else if (run->in_flight_asked > 0 && run->numbers.in_flight_at_stop == 0)
		text_printf(doubt,
			"run %u: nothing was in flight when it was stopped; give --slow with the "
			"path of a request that takes its time",
			run->number);
	else if (client_errors > 0)
		text_printf(doubt,
			"run %u: %u attempts failed on the drill's own side (client_error)",
			run->number, client_errors);
	else if (attempts == 0)
		text_printf(doubt, "run %u: no request was sent at all", run->number);
	else if (run->numbers.unproven > 0)
		text_printf(doubt,
			"run %u: %u answers end with their connection, and nothing tells their "
			"length (--body does)",
			run->number, run->numbers.unproven);
	else if (thresholds->expect_exit_count > 0 && !run->exit.is_known)
		text_printf(doubt,
			"run %u: its exit status is not known, which only its parent learns "
			"(--expect-exit)",
			run->number);
}

static void doubt_result(struct drill_result *result, const struct thresholds *thresholds)
{
	struct text doubt;

	if (result->inconclusive_because[0] != '\0')
		return;
	text_init(&doubt, result->inconclusive_because, sizeof(result->inconclusive_because));
	if (result->has_control && !result->control_failed)
		text_add(&doubt, "the control did not fail: this load cannot show a bad stop");
	else if (result->run_count == 0)
		text_add(&doubt, "no run was finished");
	for (unsigned i = 0; i < result->run_count && doubt.len == 0; i++)
		doubt_run(&doubt, &result->runs[i], thresholds);
	for (unsigned i = 0; i < result->check_count && doubt.len == 0; i++) {
		if (result->checks[i].is_doubtful)
			text_printf(&doubt, "%s was as frequent before the stop",
				result->checks[i].name);
	}
}

void result_judge(struct drill_result *result, const struct thresholds *thresholds)
{
	result->check_count = result->warning_count = 0;
	if (result->run_count > 0) {
		load_checks_add(result, thresholds);
		exit_checks_add(result, thresholds);
	}
	doubt_result(result, thresholds);
	if (is_any_check_failed(result, false))
		result->verdict = VERDICT_FAIL;
	else
		result->verdict = result->inconclusive_because[0] != '\0' ? VERDICT_INCONCLUSIVE
									  : VERDICT_PASS;
}

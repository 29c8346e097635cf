/* SPDX-License-Identifier: MIT */
#include "core/stop/stop_outcome.h"

/* Work that ends so soon after the application's stop signal was cut by it: unicorn needs 121 ms to kill its
 * workers, and those that finish theirs within a time of their own have more of it. */
#define CUT_BY_SIGNAL_MS 1000

/* Long enough to be noticed. */
#define DOUBT_DIAGNOSED_MS 1000

bool stop_outcome_is_unasked(const struct stop_plan *plan, const struct stop_outcome_facts *facts)
{
	int signal = facts->exit_signal;

	return !plan->signalled || facts->stop_refused ||
	       (signal > 0 && signal != facts->stop_signal && !facts->killed);
}

msec_t stop_outcome_cut_at(const struct stop_plan *plan, const struct stop_outcome_facts *facts)
{
	msec_t cut_at = facts->first_cut_at;

	if (facts->has_exited)
		cut_at = msec_min(cut_at, facts->exited_at);
	if (!plan->signalled || facts->cut == 0 ||
		(facts->has_exited && stop_outcome_is_unasked(plan, facts)))
		return MSEC_NEVER;
	if (cut_at >= plan->killed_at ||
		cut_at > msec_add(plan->entered[STOP_TERMINATING], CUT_BY_SIGNAL_MS))
		return MSEC_NEVER;
	return cut_at;
}

enum report_outcome stop_outcome_of(
	const struct stop_plan *plan, const struct stop_outcome_facts *facts)
{
	if (plan->ended_by_itself)
		return REPORT_APP_EXITED;
	if (facts->killed || !facts->has_exited)
		return REPORT_KILLED;
	if (plan->not_ready)
		return REPORT_APP_EXITED;
	if (plan->budget_exhausted)
		return REPORT_BUDGET_EXHAUSTED;
	return facts->cut > 0 || facts->jobs_cut > 0 ? REPORT_APP_EXITED : REPORT_DRAINED;
}

static uint32_t bit(bool is_so, enum report_diagnosis diagnosis)
{
	return is_so ? 1u << diagnosis : 0;
}

uint32_t stop_outcome_diagnose(const struct stop_plan *plan, const struct stop_outcome_facts *facts)
{
	bool idle_not_exiting =
		plan->killed_while_idle && !plan->busy_since_signalled && facts->has_listened;

	return bit(facts->handles_stop_signal == 0, REPORT_DIAGNOSIS_NO_HANDLER) |
	       bit(stop_outcome_cut_at(plan, facts) != MSEC_NEVER,
		       REPORT_DIAGNOSIS_DIED_WITH_WORK) |
	       bit(facts->stop_refused, REPORT_DIAGNOSIS_MAY_NOT_SIGNAL) |
	       bit(plan->not_ready, REPORT_DIAGNOSIS_NOT_READY) |
	       bit(facts->oom_kills > 0, REPORT_DIAGNOSIS_OUT_OF_MEMORY) |
	       bit(idle_not_exiting, REPORT_DIAGNOSIS_IDLE_NOT_EXITING) |
	       bit(plan->doubted >= DOUBT_DIAGNOSED_MS, REPORT_DIAGNOSIS_WAITED_IN_DOUBT);
}

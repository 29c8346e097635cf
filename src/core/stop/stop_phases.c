/* SPDX-License-Identifier: MIT */
#include "core/stop/stop_phases.h"

static const char state_names[][sizeof "terminating"] = {
	[STOP_SERVING] = "serving",
	[STOP_DRAINING] = "draining",
	[STOP_TERMINATING] = "terminating",
	[STOP_LEFTOVERS] = "leftovers",
	[STOP_KILLING] = "killing",
	[STOP_FLUSHING] = "flushing",
	[STOP_DONE] = "done",
};
_Static_assert(sizeof state_names / sizeof *state_names == STOP_STATE_COUNT, "a state has no name");

static const char *const reason_texts[] = {
	[STOP_BECAUSE_SIGNAL] = "stop signal",
	[STOP_BECAUSE_NOT_READY] = "not ready in time",
	[STOP_BECAUSE_IDLE] = "drained",
	[STOP_BECAUSE_LULL] = "clients never pause; few requests in flight",
	[STOP_BECAUSE_BUDGET] = "time is up",
	[STOP_BECAUSE_HURRY] = "hurried by another stop signal",
	[STOP_BECAUSE_APP_ENDED] = "the application has exited",
	[STOP_BECAUSE_REFUSED] = "the application cannot be signalled",
	[STOP_BECAUSE_ALL_GONE] = "no process is left",
	[STOP_BECAUSE_DELIVERED] = "all bytes are delivered",
};
_Static_assert(
	sizeof reason_texts / sizeof *reason_texts == STOP_REASON_COUNT, "a reason has no text");

struct stop_phases stop_plan_phases(const struct stop_plan *plan)
{
	msec_t done = plan->entered[STOP_DONE];
	msec_t flush = msec_min(plan->entered[STOP_FLUSHING], done);
	msec_t kill = msec_min(plan->killed_at, flush);
	msec_t term = msec_min(
		msec_min(plan->entered[STOP_TERMINATING], plan->entered[STOP_LEFTOVERS]), kill);

	return (struct stop_phases){
		.drain = term - plan->started,
		.term = kill - term,
		.kill = flush - kill,
		.flush = done - flush,
		.total = done - plan->started,
	};
}

const char *stop_state_name(enum stop_state state)
{
	return state_names[state];
}

const char *stop_reason_text(enum stop_reason reason)
{
	return reason_texts[reason];
}

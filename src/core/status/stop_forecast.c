/* SPDX-License-Identifier: MIT */
#include "core/status/stop_forecast.h"

static const char names[][sizeof "undelivered_bytes"] = {
	[STOP_WAITS_NOTHING] = "nothing",
	[STOP_WAITS_WORK] = "work_in_flight",
	[STOP_WAITS_BLIND] = "drain_budget",
	[STOP_WAITS_MINIMUM] = "minimum_drain",
	[STOP_WAITS_APP] = "application",
	[STOP_WAITS_OTHERS] = "other_processes",
	[STOP_WAITS_KILL] = "killed_processes",
	[STOP_WAITS_BYTES] = "undelivered_bytes",
};
_Static_assert(sizeof names / sizeof *names == STOP_WAITS_COUNT, "a wait has no name");

const char *stop_waits_name(enum stop_waits waits)
{
	return names[waits];
}

static enum stop_waits waits_of_drain(const struct stop_facts *facts)
{
	if (!facts->connections_visible)
		return STOP_WAITS_BLIND;
	return facts->busy > 0 ? STOP_WAITS_WORK : STOP_WAITS_MINIMUM;
}

static enum stop_waits waits_of(const struct stop_plan *plan, const struct stop_facts *facts)
{
	switch (plan->state) {
	case STOP_DRAINING:
		return waits_of_drain(facts);
	case STOP_TERMINATING:
		return STOP_WAITS_APP;
	case STOP_LEFTOVERS:
		return STOP_WAITS_OTHERS;
	case STOP_KILLING:
		return STOP_WAITS_KILL;
	case STOP_FLUSHING:
		return STOP_WAITS_BYTES;
	case STOP_SERVING:
	case STOP_DONE:
	case STOP_STATE_COUNT:
		break;
	}
	return STOP_WAITS_NOTHING;
}

/* For how long connections hold the drain if nothing moves on those that hold it for doubt, or for what moved a moment
 * ago; MSEC_NEVER where one of them is busy. */
static msec_t held_for(const struct stop_facts *facts, const struct conn_counts *counts)
{
	if (counts->busy > 0 || facts->busy > counts->held)
		return MSEC_NEVER;
	return msec_max(counts->doubt_ends_in, counts->settles_in);
}

static void forecast_drain(struct stop_forecast *forecast, const struct stop_plan *plan,
	const struct stop_facts *facts, const struct conn_counts *counts, msec_t now)
{
	msec_t ends =
		msec_min(msec_add(plan->started, plan->budget.drain), stop_plan_last_moment(plan));
	msec_t next = stop_plan_next_deadline(plan, facts, now);

	if (forecast->waits_for == STOP_WAITS_MINIMUM || next < ends)
		forecast->at_least = msec_left(next, now);
	forecast->at_most = msec_left(ends, now);
	if (forecast->waits_for == STOP_WAITS_WORK)
		forecast->at_most = msec_min(forecast->at_most, held_for(facts, counts));
	if (forecast->waits_for == STOP_WAITS_MINIMUM && plan->budget.quiet_period == 0)
		forecast->at_most = forecast->at_least;
	forecast->at_most = msec_max(forecast->at_most, forecast->at_least);
}

struct stop_forecast stop_forecast_of(const struct stop_plan *plan, const struct stop_facts *facts,
	const struct conn_counts *counts, msec_t now)
{
	struct stop_plan trial = *plan;
	struct stop_facts then = *facts;
	struct stop_forecast forecast = {.is_under_way = plan->state != STOP_SERVING};

	then.polled_at = now;
	if (!forecast.is_under_way) {
		then.stop_signals++;
		then.last_arrival = now;
		(void)stop_plan_step(&trial, &then, now);
	}
	forecast.waits_for = waits_of(&trial, &then);
	forecast.is_cut_off = forecast.waits_for == STOP_WAITS_APP &&
			      (then.busy > 0 || !then.connections_visible);
	forecast.kill_in = msec_left(stop_plan_last_moment(&trial), now);
	forecast.exit_in = msec_left(trial.deadline, now);
	if (trial.state == STOP_DRAINING)
		forecast_drain(&forecast, &trial, &then, counts, now);
	else if (forecast.waits_for != STOP_WAITS_NOTHING)
		forecast.at_most = msec_left(stop_plan_next_deadline(&trial, &then, now), now);
	return forecast;
}

/* SPDX-License-Identifier: MIT */
#include "core/stop/stop_wakeup.h"

/* A load balancer's first probe shall find a ready application ready, and its ports must be known before it exits,
 * also where no probe comes. So the listeners are polled while it starts: the longer it takes, the more
 * rarely, and for so long at most, unless its time to start is limited: a freeze has to be noticed, and the time that it
 * took is given again. An idle lastcall does not wake up. */
#define STARTING_POLL_MS 10
#define STARTING_POLL_PART 20 /* of the time since the start */
#define STARTING_POLL_MAX_MS 250
#define STARTING_WATCHED_MS 30000

#define JOBS_POLL_MS 50 /* whether a process has ended that declared jobs */
#define KILL_AGAIN_MS 20 /* what was forked while everything was being killed */

/* A server that has finished its work exits sooner, unless it waits for connections that were never used. */
#define DONE_WITH_WORK_MS 500

static msec_t starting_pause(const struct stop_wakeup_facts *wakeup, msec_t since_start)
{
	if (wakeup->app_listens && !wakeup->is_settled)
		return STARTING_POLL_MS; /* once more, and it is settled */
	return msec_min(
		msec_max(since_start / STARTING_POLL_PART, STARTING_POLL_MS), STARTING_POLL_MAX_MS);
}

static msec_t serving_at(const struct stop_wakeup_facts *wakeup, msec_t now)
{
	msec_t since_start = now - wakeup->app_started_at;
	msec_t over_at = msec_max(now, wakeup->over_at);
	bool is_over =
		wakeup->start_ends == MSEC_NEVER &&
		((wakeup->is_settled && wakeup->app_listens) || since_start >= STARTING_WATCHED_MS);
	msec_t next = is_over ? MSEC_NEVER : msec_add(over_at, starting_pause(wakeup, since_start));

	return msec_min(next, wakeup->start_ends);
}

/* A pause that is not over when the turn begins does not end in it. */
static msec_t later(msec_t ends_at, msec_t now, msec_t over_at)
{
	return ends_at > now ? msec_add(ends_at, over_at - now) : ends_at;
}

msec_t stop_wakeup_at(const struct stop_plan *plan, const struct stop_facts *facts,
	const struct stop_wakeup_facts *wakeup, msec_t now)
{
	msec_t over_at = msec_max(now, wakeup->over_at), at;

	if (plan->state == STOP_SERVING)
		return serving_at(wakeup, now);
	if (plan->state == STOP_DONE)
		return wakeup->is_reported ? plan->deadline : wakeup->finish_by;
	at = msec_min(stop_plan_next_deadline(plan, facts, now), wakeup->next_poll);
	at = msec_min(at, msec_min(wakeup->plain_signal_at, wakeup->next_progress));
	if (plan->state == STOP_LEFTOVERS)
		at = msec_min(at, later(wakeup->next_outside_poll, now, over_at));
	if (wakeup->has_jobs)
		at = msec_min(at, msec_add(over_at, JOBS_POLL_MS));
	if (plan->state == STOP_KILLING)
		at = msec_min(at, msec_add(over_at, KILL_AGAIN_MS));
	if (wakeup->is_poll_old && now == plan->entered[plan->state])
		at = msec_min(
			at, now); /* once the application, just signalled, had the processor */
	return at;
}

msec_t stop_wakeup_plain_signal_at(const struct stop_plan *plan, bool has_plain_signal)
{
	if (!has_plain_signal || plan->state != STOP_TERMINATING || plan->main_killed)
		return MSEC_NEVER;
	return msec_add(plan->idle_since, DONE_WITH_WORK_MS);
}

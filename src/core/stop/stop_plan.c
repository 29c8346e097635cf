/* SPDX-License-Identifier: MIT */
#include "core/stop/stop_plan.h"

#include <limits.h>

/* So late lastcall is when it was frozen, and the application with it. Less is a busy machine's: if that counted, an
 * application on a machine that is always late would never be out of time. */
#define FROZEN_MS 1000

#define SHELL_MS 2000 /* for a shell to end on SIGHUP, and to hand it on to what runs in it */

void stop_plan_init(struct stop_plan *plan, const struct stop_budget *budget,
	const struct stop_settings *settings)
{
	*plan = (struct stop_plan){
		.budget = *budget,
		.settings = *settings,
		.started = MSEC_NEVER,
		.deadline = MSEC_NEVER,
		.killed_at = MSEC_NEVER,
		.fewest_in_flight = UINT_MAX,
		.doubt_since = MSEC_NEVER,
		.idle_since = MSEC_NEVER,
	};
	for (int state = 0; state < STOP_STATE_COUNT; state++)
		plan->entered[state] = MSEC_NEVER;
}

/* The clock starts: at the stop signal, or at the application's own end, when there is no deadline
 * to keep but no wait may be endless. */
static void start_clock(struct stop_plan *plan, msec_t now)
{
	plan->started = now;
	plan->deadline = msec_add(now, plan->budget.gone);
}

/* From here on only SIGKILL helps: it needs its reserve before the deadline. */
msec_t stop_plan_last_moment(const struct stop_plan *plan)
{
	return plan->started == MSEC_NEVER ? MSEC_NEVER
					   : plan->deadline - plan->budget.kill_reserve;
}

void stop_plan_note_late(struct stop_plan *plan, msec_t seen_at, msec_t due_at, msec_t now)
{
	if (now - due_at >= FROZEN_MS)
		plan->absent += now - seen_at;
}

msec_t stop_plan_start_ends(const struct stop_plan *plan, msec_t ends_at)
{
	return msec_add(ends_at, plan->absent);
}

bool stop_plan_leaves_work(const struct stop_plan *plan)
{
	return plan->budget_exhausted || plan->reason == STOP_BECAUSE_SIGNAL ||
	       plan->reason == STOP_BECAUSE_LULL;
}

/* The report gets what is left after this. */
static msec_t time_to_report(const struct stop_plan *plan)
{
	return plan->deadline - plan->budget.kill_reserve / 5;
}

static msec_t drain_ends(const struct stop_plan *plan)
{
	return msec_min(msec_add(plan->started, plan->budget.drain), stop_plan_last_moment(plan));
}

/* Whether a poll was taken since the current state began and found nothing in flight. */
static bool is_idle(const struct stop_plan *plan, const struct stop_facts *facts)
{
	return facts->connections_visible && facts->busy == 0 &&
	       facts->polled_at >= plan->entered[plan->state];
}

/* Before this the drain is not over, whatever is in flight. */
static msec_t drain_minimum(const struct stop_plan *plan, const struct stop_facts *facts)
{
	const struct stop_budget *budget = &plan->budget;
	msec_t minimum = msec_add(plan->started, budget->min_drain);

	if (budget->lame_duck_is_default && !facts->has_listened)
		return plan->started; /* no client sends it anything */
	if (budget->quiet_period > 0)
		minimum = msec_max(minimum, msec_add(facts->last_arrival, budget->quiet_period));
	if (budget->lame_duck_is_default)
		minimum = msec_min(minimum, msec_add(plan->started, LAME_DUCK_MS));
	return msec_min(minimum, drain_ends(plan));
}

/* When what was signalled has been idle for long enough; MSEC_NEVER without --exit-when-idle. */
static msec_t idle_ends(const struct stop_plan *plan)
{
	return msec_add(msec_add(plan->idle_since, plan->settings.exit_when_idle), plan->absent);
}

/* When the grace begins: when the application has been signalled and has nothing in flight any more. While it
 * has, what is left of the drain budget comes first. One that never became ready has no work to
 * wait for. */
static msec_t grace_begins(const struct stop_plan *plan, const struct stop_facts *facts)
{
	msec_t begins = plan->entered[STOP_TERMINATING];
	bool idle = is_idle(plan, facts);

	if (plan->not_ready)
		return begins;
	if (idle && plan->idle_since != MSEC_NEVER)
		begins = msec_max(begins, plan->idle_since);
	if (!idle || plan->settings.order == ORDER_SIGNAL_FIRST)
		begins = msec_max(begins, msec_add(plan->started, plan->budget.drain));
	return begins;
}

/* When the main process is killed. Without a grace of its own it has all the time that there is. */
static msec_t grace_ends(const struct stop_plan *plan, const struct stop_facts *facts)
{
	msec_t ends = msec_add(
		msec_add(grace_begins(plan, facts), plan->budget.term_grace), plan->absent);

	return msec_min(msec_min(ends, stop_plan_last_moment(plan)), idle_ends(plan));
}

static void enter(
	struct stop_plan *plan, enum stop_state state, enum stop_reason reason, msec_t now)
{
	plan->state = state;
	plan->reason = reason;
	plan->entered[state] = now;
}

static unsigned enter_killing(struct stop_plan *plan, enum stop_reason reason, msec_t now)
{
	enter(plan, STOP_KILLING, reason, now);
	plan->killed_at = msec_min(plan->killed_at, now);
	return STOP_DO_KILL_ALL;
}

static bool somebody_is_left(const struct stop_facts *facts)
{
	return facts->others_alive || facts->shells_alive;
}

/* Whether leftovers are still to be waited for. */
static bool waits_for_leftovers(
	const struct stop_plan *plan, const struct stop_facts *facts, msec_t now)
{
	return facts->others_alive ||
	       (facts->shells_alive && now < plan->entered[STOP_LEFTOVERS] + SHELL_MS);
}

static void note_doubt(struct stop_plan *plan, bool is_all, msec_t now)
{
	if (plan->doubt_since != MSEC_NEVER) {
		plan->doubted += now - plan->doubt_since;
		plan->doubt_since = MSEC_NEVER;
	}
	if (is_all)
		plan->doubt_since = now;
}

/* The main process has ended: what is left of its descendants is signalled, unless --wait=main
 * leaves them. */
static unsigned enter_leftovers(struct stop_plan *plan, const struct stop_facts *facts, msec_t now)
{
	note_doubt(plan, false, now);
	if (!plan->signalled && !plan->main_killed)
		plan->ended_by_itself = true;
	if (!somebody_is_left(facts)) {
		enter(plan, STOP_FLUSHING, STOP_BECAUSE_ALL_GONE, now);
		return 0;
	}
	if (plan->settings.wait == WAIT_MAIN)
		return enter_killing(plan, STOP_BECAUSE_APP_ENDED, now);
	enter(plan, STOP_LEFTOVERS, STOP_BECAUSE_APP_ENDED, now);
	plan->idle_since = MSEC_NEVER; /* they were signalled only now */
	return STOP_DO_SIGNAL_OTHERS;
}

static unsigned enter_terminating(struct stop_plan *plan, enum stop_reason reason, msec_t now)
{
	note_doubt(plan, false, now);
	enter(plan, STOP_TERMINATING, reason, now);
	plan->signalled = true;
	plan->absent = 0; /* what was lost before was lost of the start, or of the drain */
	return STOP_DO_SIGNAL_MAIN;
}

static unsigned step_serving(struct stop_plan *plan, const struct stop_facts *facts, msec_t now)
{
	if (facts->stop_signals > 0) {
		start_clock(plan, now);
		if (plan->settings.order == ORDER_SIGNAL_FIRST && facts->main_alive)
			return enter_terminating(plan, STOP_BECAUSE_SIGNAL, now);
		enter(plan, STOP_DRAINING, STOP_BECAUSE_SIGNAL, now);
		return 0;
	}
	if (!facts->main_alive) {
		start_clock(plan, now);
		return enter_leftovers(plan, facts, now);
	}
	if (facts->start_timed_out) {
		start_clock(plan, now);
		plan->not_ready = true;
		return enter_terminating(plan, STOP_BECAUSE_NOT_READY, now);
	}
	return 0;
}

/* Another stop signal may ask for the next step at once: takes one that has not been acted upon. */
static bool take_hurry(struct stop_plan *plan, const struct stop_facts *facts)
{
	if (facts->hurries <= plan->hurried)
		return false;
	plan->hurried++;
	return true;
}

/* Whether a poll has just been made. */
static bool is_poll(const struct stop_facts *facts, msec_t now)
{
	return facts->connections_visible && facts->polled_at >= now;
}

static void note_fewest_in_flight(
	struct stop_plan *plan, const struct stop_facts *facts, msec_t now)
{
	if (facts->connections_visible && facts->dumped_at >= now &&
		facts->in_flight < plan->fewest_in_flight)
		plan->fewest_in_flight = facts->in_flight;
}

/* Whether those that hold the drain are clients that will go on asking, of which few are waiting now. */
static bool is_lull(const struct stop_plan *plan, const struct stop_facts *facts, msec_t now)
{
	msec_t last_third = drain_ends(plan) - plan->budget.drain / 3;

	return is_poll(facts, now) && now >= last_third && facts->asked_since >= last_third &&
	       facts->asked_since != MSEC_NEVER && facts->in_flight <= plan->fewest_in_flight;
}

static unsigned step_draining(struct stop_plan *plan, const struct stop_facts *facts, msec_t now)
{
	bool is_served = now >= drain_minimum(plan, facts);

	note_fewest_in_flight(plan, facts, now);
	note_doubt(plan, is_served && facts->unproven > 0 && facts->unsure == facts->busy, now);
	if (!facts->main_alive)
		return enter_leftovers(plan, facts, now);
	if (take_hurry(plan, facts)) {
		plan->budget_exhausted = !is_idle(plan, facts);
		return enter_terminating(plan, STOP_BECAUSE_HURRY, now);
	}
	if (is_served && is_idle(plan, facts))
		return enter_terminating(plan, STOP_BECAUSE_IDLE, now);
	if (is_served && is_lull(plan, facts, now))
		return enter_terminating(plan, STOP_BECAUSE_LULL, now);
	if (now >= drain_ends(plan)) {
		plan->budget_exhausted = true;
		return enter_terminating(plan, STOP_BECAUSE_BUDGET, now);
	}
	return 0;
}

static void note_idleness(struct stop_plan *plan, const struct stop_facts *facts, msec_t now)
{
	plan->idle_since = is_idle(plan, facts)
				   ? msec_max(msec_min(plan->idle_since, now), facts->last_arrival)
				   : MSEC_NEVER;
}

/* The main process is about to be killed: what was known of its work then. */
static void note_kill(
	struct stop_plan *plan, const struct stop_facts *facts, enum stop_reason reason)
{
	plan->budget_exhausted |= facts->busy > 0;
	plan->killed_while_idle = is_idle(plan, facts) && !facts->stop_refused;
	plan->killed_because = reason;
}

static unsigned step_terminating(struct stop_plan *plan, const struct stop_facts *facts, msec_t now)
{
	bool hurried;

	note_idleness(plan, facts, now);
	plan->busy_since_signalled |= facts->busy > 0 || !facts->connections_visible ||
				      facts->last_arrival > plan->entered[STOP_TERMINATING];
	if (!facts->main_alive)
		return enter_leftovers(plan, facts, now);
	hurried = !plan->main_killed && take_hurry(plan, facts);
	if (now >= stop_plan_last_moment(plan)) {
		if (!plan->main_killed)
			note_kill(plan, facts, STOP_BECAUSE_BUDGET);
		return enter_killing(plan, STOP_BECAUSE_BUDGET, now);
	}
	if (facts->stop_refused && facts->has_listened && plan->settings.ends_all &&
		is_idle(plan, facts)) {
		enter(plan, STOP_FLUSHING, STOP_BECAUSE_REFUSED, now);
		return STOP_DO_LEAVE_MAIN;
	}
	if (plan->main_killed)
		return 0; /* it dies as soon as the kernel gets it out of its system call */
	if (hurried || now >= grace_ends(plan, facts)) {
		note_kill(plan, facts,
			hurried                  ? STOP_BECAUSE_HURRY
			: now >= idle_ends(plan) ? STOP_BECAUSE_IDLE
						 : STOP_BECAUSE_BUDGET);
		plan->main_killed = true;
		plan->killed_at = now;
		return STOP_DO_KILL_MAIN;
	}
	return 0;
}

static unsigned step_leftovers(struct stop_plan *plan, const struct stop_facts *facts, msec_t now)
{
	note_idleness(plan, facts, now);
	if (!somebody_is_left(facts)) {
		enter(plan, STOP_FLUSHING, STOP_BECAUSE_ALL_GONE, now);
		return 0;
	}
	if (take_hurry(plan, facts))
		return enter_killing(plan, STOP_BECAUSE_HURRY, now);
	if (!waits_for_leftovers(plan, facts, now) ||
		now >= msec_min(stop_plan_last_moment(plan), idle_ends(plan)))
		return enter_killing(plan, STOP_BECAUSE_BUDGET, now);
	return 0;
}

static unsigned step_killing(struct stop_plan *plan, const struct stop_facts *facts, msec_t now)
{
	if (!facts->main_alive && !somebody_is_left(facts)) {
		enter(plan, STOP_FLUSHING, STOP_BECAUSE_ALL_GONE, now);
		return 0;
	}
	return STOP_DO_KILL_ALL; /* what was forked meanwhile too */
}

static void step_flushing(struct stop_plan *plan, const struct stop_facts *facts, msec_t now)
{
	if (!facts->connections_visible ||
		(facts->undelivered == 0 && facts->polled_at >= plan->entered[STOP_FLUSHING]))
		enter(plan, STOP_DONE, STOP_BECAUSE_DELIVERED, now);
}

static unsigned step_once(struct stop_plan *plan, const struct stop_facts *facts, msec_t now)
{
	if (plan->state != STOP_SERVING && plan->state != STOP_DONE &&
		now >= time_to_report(plan)) {
		enter(plan, STOP_DONE, STOP_BECAUSE_BUDGET, now);
		return facts->main_alive || somebody_is_left(facts) ? STOP_DO_KILL_ALL : 0;
	}
	switch (plan->state) {
	case STOP_SERVING:
		return step_serving(plan, facts, now);
	case STOP_DRAINING:
		return step_draining(plan, facts, now);
	case STOP_TERMINATING:
		return step_terminating(plan, facts, now);
	case STOP_LEFTOVERS:
		return step_leftovers(plan, facts, now);
	case STOP_KILLING:
		return step_killing(plan, facts, now);
	case STOP_FLUSHING:
		step_flushing(plan, facts, now);
		return 0;
	case STOP_DONE:
	case STOP_STATE_COUNT:
		return 0;
	}
	return 0;
}

unsigned stop_plan_step(struct stop_plan *plan, const struct stop_facts *facts, msec_t now)
{
	enum stop_state before;
	unsigned actions = 0;

	do {
		before = plan->state;
		actions |= step_once(plan, facts, now);
	} while (plan->state != before);
	return actions;
}

struct stop_facts stop_facts_doubted(const struct stop_facts *facts)
{
	struct stop_facts doubted = *facts;

	doubted.busy += facts->busy == 0;
	doubted.undelivered += facts->undelivered == 0;
	doubted.asked_since = MSEC_NEVER; /* no lull */
	return doubted;
}

enum stop_reliance stop_plan_relies_on_idleness(
	const struct stop_plan *plan, const struct stop_facts *facts, msec_t now)
{
	const struct stop_facts doubted = stop_facts_doubted(facts);
	struct stop_plan as_told = *plan, as_doubted = *plan;
	unsigned actions = stop_plan_step(&as_told, facts, now);

	if (actions != stop_plan_step(&as_doubted, &doubted, now) ||
		as_told.state != as_doubted.state)
		return STOP_RELIES_TO_ACT;
	if ((actions & STOP_DO_SIGNAL_MAIN) &&
		stop_plan_leaves_work(&as_told) != stop_plan_leaves_work(&as_doubted))
		return STOP_RELIES_TO_ACT;
	if (facts->main_alive && !plan->main_killed &&
		(actions & (STOP_DO_KILL_MAIN | STOP_DO_KILL_ALL)))
		return STOP_RELIES_TO_REPORT;
	return STOP_RELIES_ON_NOTHING;
}

msec_t stop_plan_next_deadline(
	const struct stop_plan *plan, const struct stop_facts *facts, msec_t now)
{
	msec_t minimum;

	switch (plan->state) {
	case STOP_SERVING:
	case STOP_DONE:
	case STOP_STATE_COUNT:
		return MSEC_NEVER;
	case STOP_DRAINING:
		minimum = drain_minimum(plan, facts);
		return now < minimum ? minimum : drain_ends(plan);
	case STOP_TERMINATING:
		return plan->main_killed ? stop_plan_last_moment(plan) : grace_ends(plan, facts);
	case STOP_LEFTOVERS:
		minimum = msec_min(stop_plan_last_moment(plan), idle_ends(plan));
		return facts->others_alive
			       ? minimum
			       : msec_min(minimum, plan->entered[STOP_LEFTOVERS] + SHELL_MS);
	case STOP_KILLING:
	case STOP_FLUSHING:
		return time_to_report(plan);
	}
	return MSEC_NEVER;
}

/* SPDX-License-Identifier: MIT */
/* Every stop that there can be, in steps of half a second to two: all sequences of facts, for all settings
 * below, are driven through the machine, and its promises (docs/design.md, docs/states.md) are checked at each step.
 * Stops that have come to the same point are followed once. */
#include "core/stop/stop_plan.h"
#include "core/text/fnv_hash.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define START 100000 /* when each stop begins */
#define GRACE_MS 2000 /* where one is given */
#define SHELL_MS 2000

static const struct stop_budget docker_stop = {
	.timeout = 10000, .margin = 1000, .gone = 9000, .drain = 6000, .kill_reserve = 500};

/* When facts may change, after START. The last ones are: before the last moment (8.5 s) and at it, at the time to report
 * (8.9 s), and at the deadline. */
static const msec_t moments[] = {0, 500, 1000, 2000, 4000, 6000, 8000, 8499, 8500, 8900, 9000};
enum { MOMENTS = sizeof moments / sizeof *moments, MAX_POINTS = 1 << 16 };

/* How far a stop has come: the machine, and what a bystander remembers of it. */
struct point {
	struct stop_plan plan;
	bool main_alive;
	unsigned hurries;
	msec_t signalled_at; /* the application; MSEC_NEVER: not yet */
	msec_t work_seen_at; /* work, or no view of it, after that; MSEC_NEVER: none */
	unsigned fewest; /* in flight, that a poll of the drain has found */
	unsigned asked_for; /* actions, as bits */
};

/* The points of one moment, each once. */
struct points {
	struct point *items;
	uint32_t *slots; /* of a hash table; 0: free, else an index + 1 */
	size_t count;
};

static struct points new_points(void)
{
	struct points points = {
		.items = calloc(MAX_POINTS / 2, sizeof *points.items),
		.slots = calloc(MAX_POINTS, sizeof *points.slots),
	};

	assert_true(points.items != NULL && points.slots != NULL);
	return points;
}

static void clear(struct points *points)
{
	points->count = 0;
	memset(points->slots, 0, MAX_POINTS * sizeof *points->slots);
}

/* What only the report reads does not tell two points apart. Padding never does: each point is a copy of one that was
 * all zero bytes. */
static void forget_history(struct point *point)
{
	struct stop_plan *plan = &point->plan;

	for (int state = 0; state < STOP_STATE_COUNT; state++)
		if (state != (int)plan->state)
			plan->entered[state] = 0;
	plan->killed_at = plan->doubt_since = MSEC_NEVER;
	plan->doubted = 0;
	plan->budget_exhausted = plan->busy_since_signalled = plan->killed_while_idle = false;
	plan->killed_because = plan->reason = 0;
	if (plan->state != STOP_DRAINING)
		plan->fewest_in_flight = point->fewest = 0;
	if (plan->settings.exit_when_idle == MSEC_NEVER || plan->state != STOP_TERMINATING)
		point->work_seen_at = MSEC_NEVER;
	if (plan->state != STOP_TERMINATING && point->signalled_at != MSEC_NEVER)
		point->signalled_at = START;
}

static void add(struct points *points, const struct point *point)
{
	struct point *item = &points->items[points->count];
	uint64_t hash;
	uint32_t slot;

	assert_true(points->count < MAX_POINTS / 2);
	memcpy(item, point, sizeof *item);
	forget_history(item);
	hash = fnv_hash_add(FNV_HASH_START, &item->plan, offsetof(struct stop_plan, budget));
	hash = fnv_hash_add(
		hash, &item->main_alive, sizeof *item - offsetof(struct point, main_alive));
	slot = (uint32_t)hash % MAX_POINTS;
	for (; points->slots[slot] != 0; slot = (slot + 1) % MAX_POINTS)
		if (memcmp(&points->items[points->slots[slot] - 1], item, sizeof *item) == 0)
			return;
	points->slots[slot] = (uint32_t)++points->count;
}

/* --- promises --- */

/* A poll that was made since then has found nothing in flight. */
static bool sees_nothing(const struct stop_facts *facts, msec_t since)
{
	return facts->connections_visible && facts->polled_at >= since && facts->busy == 0;
}

/* Work in flight is not cut while budget is left, but for a lull in its last third. */
static void expect_signal_is_due(
	const struct point *before, const struct stop_facts *facts, msec_t now)
{
	const struct stop_plan *plan = &before->plan;
	msec_t last_third = START + plan->budget.drain - plan->budget.drain / 3;
	bool is_lull = facts->connections_visible && facts->polled_at == now && now >= last_third &&
		       facts->asked_since >= last_third && facts->in_flight <= before->fewest;

	assert_true(before->signalled_at == MSEC_NEVER);
	if (plan->settings.order == ORDER_SIGNAL_FIRST || facts->start_timed_out)
		return;
	if (facts->hurries > before->hurries || now >= START + plan->budget.drain)
		return;
	assert_true(now >= START + plan->budget.min_drain);
	assert_true(now >= facts->last_arrival + plan->budget.quiet_period);
	assert_true(
		sees_nothing(facts,
			before->plan.state == STOP_DRAINING ? plan->entered[STOP_DRAINING] : now) ||
		is_lull);
}

/* The application is not killed before its grace is over, which does not begin while it has work and budget is
 * left; with no grace given, not before the last moment. */
static void expect_kill_is_due(
	const struct point *after, const struct stop_facts *facts, bool hurried, msec_t now)
{
	const struct stop_plan *plan = &after->plan;
	msec_t begins = after->signalled_at;
	bool is_idle = sees_nothing(facts, begins);

	if (hurried || now >= stop_plan_last_moment(plan))
		return;
	assert_true(after->signalled_at != MSEC_NEVER);
	if (plan->settings.exit_when_idle != MSEC_NEVER && is_idle &&
		now >= begins + plan->settings.exit_when_idle &&
		(after->work_seen_at == MSEC_NEVER ||
			now >= after->work_seen_at + plan->settings.exit_when_idle))
		return;
	assert_true(plan->budget.term_grace != MSEC_NEVER);
	if (!plan->not_ready && (!is_idle || plan->settings.order == ORDER_SIGNAL_FIRST))
		begins = msec_max(begins, START + plan->budget.drain);
	assert_true(now >= begins + plan->budget.term_grace);
}

/* What the application left behind may go on until the last moment. */
static void expect_kill_all_is_due(const struct point *before, const struct point *after,
	const struct stop_facts *facts, bool hurried, msec_t now)
{
	const struct stop_plan *plan = &after->plan;

	if (before->plan.state == STOP_KILLING || hurried || now >= stop_plan_last_moment(plan))
		return;
	assert_false(facts->main_alive);
	if (plan->settings.wait == WAIT_MAIN)
		return;
	if (plan->settings.exit_when_idle != MSEC_NEVER &&
		sees_nothing(facts, before->plan.entered[STOP_LEFTOVERS]))
		return;
	assert_true(facts->shells_alive && !facts->others_alive &&
		    now >= before->plan.entered[STOP_LEFTOVERS] + SHELL_MS);
}

static void expect_actions_are_due(const struct point *before, const struct point *after,
	const struct stop_facts *facts, unsigned actions, msec_t now)
{
	const unsigned once = STOP_DO_SIGNAL_MAIN | STOP_DO_KILL_MAIN | STOP_DO_SIGNAL_OTHERS |
			      STOP_DO_LEAVE_MAIN;
	bool hurried = facts->hurries > before->plan.hurried;

	assert_int_equal(actions & before->asked_for & once, 0);
	if (actions & STOP_DO_SIGNAL_MAIN)
		expect_signal_is_due(before, facts, now);
	if (actions & STOP_DO_KILL_MAIN)
		expect_kill_is_due(after, facts, hurried, now);
	if (actions & STOP_DO_SIGNAL_OTHERS)
		assert_true(!facts->main_alive && after->plan.settings.wait == WAIT_ALL);
	if (actions & STOP_DO_KILL_ALL)
		expect_kill_all_is_due(before, after, facts, hurried, now);
	if (actions & STOP_DO_LEAVE_MAIN)
		assert_true(after->plan.settings.ends_all && facts->stop_refused &&
			    facts->has_listened && facts->main_alive);
}

/* A stop never goes back, begins with its signal only, and is over in time; all processes have been killed then, or
 * are gone. */
static void expect_progress(const struct point *before, const struct point *after,
	const struct stop_facts *facts, msec_t now)
{
	bool is_left = facts->main_alive || facts->others_alive || facts->shells_alive;

	assert_true(after->plan.state >= before->plan.state);
	assert_true(after->plan.state != STOP_SERVING);
	if (now >= after->plan.deadline - after->plan.budget.kill_reserve / 5)
		assert_true(after->plan.state == STOP_DONE);
	if (now >= stop_plan_last_moment(&after->plan) && is_left &&
		before->plan.state != STOP_FLUSHING)
		assert_true(after->asked_for & (STOP_DO_KILL_ALL | STOP_DO_LEAVE_MAIN));
}

/* The same facts again change nothing, now or before the moment to wake up that the machine gives; at that moment
 * something changes, or there is a later one: no step is missed, and none is in vain. */
static void expect_sound_sleep(
	const struct point *after, const struct stop_facts *facts, msec_t now)
{
	struct stop_plan plan = after->plan;
	msec_t wakeup = stop_plan_next_deadline(&plan, facts, now);
	unsigned again = stop_plan_step(&plan, facts, now);

	assert_true(plan.state == after->plan.state);
	assert_int_equal(again & ~(unsigned)STOP_DO_KILL_ALL, 0);
	if (plan.state == STOP_DONE) {
		assert_true(wakeup == MSEC_NEVER);
		return;
	}
	assert_true(wakeup > now && wakeup <= plan.deadline);
	assert_int_equal(stop_plan_step(&plan, facts, wakeup - 1) & ~(unsigned)STOP_DO_KILL_ALL, 0);
	assert_true(plan.state == after->plan.state);
	again = stop_plan_step(&plan, facts, wakeup);
	assert_true(plan.state != after->plan.state || again != 0 ||
		    stop_plan_next_deadline(&plan, facts, wakeup) > wakeup);
}

/* --- all that may happen --- */

static unsigned long long steps;

static void follow(
	const struct point *before, const struct stop_facts *facts, msec_t now, struct points *next)
{
	struct point after;
	unsigned actions;

	memcpy(&after, before, sizeof after);
	after.main_alive = facts->main_alive;
	after.hurries = facts->hurries;
	actions = stop_plan_step(&after.plan, facts, now);
	after.asked_for |= actions;
	if (actions & STOP_DO_SIGNAL_MAIN)
		after.signalled_at = now;
	if (after.signalled_at != MSEC_NEVER && !sees_nothing(facts, after.signalled_at))
		after.work_seen_at = now;
	if (facts->connections_visible && facts->polled_at == now &&
		facts->in_flight < after.fewest)
		after.fewest = facts->in_flight;

	expect_actions_are_due(before, &after, facts, actions, now);
	expect_progress(before, &after, facts, now);
	expect_sound_sleep(&after, facts, now);
	steps++;
	if (after.plan.state != STOP_DONE)
		add(next, &after);
}

/* What polls may have found: nothing; one request; two, one of them new; one connection in doubt. */
static const struct {
	unsigned busy, in_flight, unsure;
	bool is_new;
} found[] = {{0, 0, 0, false}, {1, 1, 0, false}, {2, 2, 0, true}, {1, 0, 1, true}};

static void follow_all_polls(
	const struct point *before, struct stop_facts facts, msec_t now, struct points *next)
{
	bool is_gone = !facts.main_alive && !facts.others_alive && !facts.shells_alive;

	follow(before, &facts, now, next); /* no detector works */
	facts.connections_visible = true;
	for (size_t i = 0; i < sizeof found / sizeof *found; i++)
		for (int is_old = 0; is_old < 2; is_old++) {
			facts.polled_at = facts.dumped_at = now - is_old;
			facts.busy = found[i].busy;
			facts.in_flight = found[i].in_flight;
			facts.unsure = facts.unproven = found[i].unsure;
			facts.asked_since = found[i].is_new ? now : MSEC_NEVER;
			facts.last_arrival = found[i].is_new ? now : START;
			facts.undelivered = is_gone && i > 0;
			follow(before, &facts, now, next);
		}
}

/* While the main process is alive, no other one has a say. */
static void follow_all_processes(
	const struct point *before, struct stop_facts facts, msec_t now, struct points *next)
{
	facts.main_alive = before->main_alive;
	facts.others_alive = true;
	if (facts.main_alive)
		follow_all_polls(before, facts, now, next);
	facts.main_alive = false;
	follow_all_polls(before, facts, now, next);
	facts.others_alive = false;
	follow_all_polls(before, facts, now, next);
	facts.shells_alive = true;
	follow_all_polls(before, facts, now, next);
}

static void follow_all_facts(const struct point *before, const struct stop_facts *constant,
	msec_t now, struct points *next)
{
	struct stop_facts facts = *constant;

	for (unsigned more = 0; more <= (before->hurries < 2); more++) {
		facts.hurries = before->hurries + more;
		follow_all_processes(before, facts, now, next);
	}
}

static void follow_every_stop(const struct stop_budget *budget,
	const struct stop_settings *settings, const struct stop_facts *constant)
{
	struct points here = new_points(), next = new_points(), swap;
	struct point first;

	memset(&first, 0, sizeof first);
	stop_plan_init(&first.plan, budget, settings);
	first.main_alive = constant->main_alive;
	first.signalled_at = first.work_seen_at = MSEC_NEVER;
	first.fewest = UINT_MAX;
	memcpy(&here.items[here.count++], &first, sizeof first);
	for (size_t i = 0; i < MOMENTS; i++) {
		clear(&next);
		for (size_t j = 0; j < here.count; j++)
			follow_all_facts(&here.items[j], constant, START + moments[i], &next);
		swap = here;
		here = next;
		next = swap;
	}
	assert_int_equal(here.count, 0); /* each has ended */
	free(here.items);
	free(here.slots);
	free(next.items);
	free(next.slots);
}

static void follow_every_setting(struct stop_facts constant)
{
	constant.has_listened = true;
	steps = 0;
	for (unsigned bits = 0; bits < 32; bits++) {
		struct stop_budget budget = docker_stop;
		struct stop_settings settings = {.exit_when_idle = MSEC_NEVER};

		settings.order = bits & 1 ? ORDER_SIGNAL_FIRST : ORDER_DRAIN_FIRST;
		settings.wait = bits & 2 ? WAIT_MAIN : WAIT_ALL;
		settings.ends_all = constant.stop_refused;
		settings.exit_when_idle = bits & 4 ? 1000 : MSEC_NEVER;
		budget.term_grace = bits & 8 ? GRACE_MS : MSEC_NEVER;
		budget.min_drain = bits & 16 ? 1000 : 0;
		budget.quiet_period = budget.min_drain;
		follow_every_stop(&budget, &settings, &constant);
	}
	print_message("%llu steps\n", steps);
}

static void every_stop_by_a_signal_keeps_the_promises(void **state)
{
	(void)state;
	follow_every_setting((struct stop_facts){.stop_signals = 1, .main_alive = true});
}

static void every_stop_of_an_application_that_may_not_be_signalled_does(void **state)
{
	(void)state;
	follow_every_setting(
		(struct stop_facts){.stop_signals = 1, .main_alive = true, .stop_refused = true});
}

static void every_stop_after_the_time_to_start_does(void **state)
{
	(void)state;
	follow_every_setting((struct stop_facts){.start_timed_out = true, .main_alive = true});
}

static void every_stop_after_the_end_of_the_application_does(void **state)
{
	(void)state;
	follow_every_setting((struct stop_facts){0});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_stop_by_a_signal_keeps_the_promises),
		cmocka_unit_test(every_stop_of_an_application_that_may_not_be_signalled_does),
		cmocka_unit_test(every_stop_after_the_time_to_start_does),
		cmocka_unit_test(every_stop_after_the_end_of_the_application_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

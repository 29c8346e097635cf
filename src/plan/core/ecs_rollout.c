/* SPDX-License-Identifier: MIT */
#include "plan/core/ecs_rollout.h"

#define EARLY_SHARE(tasks, percent) rollout_ceil_div((tasks) * (percent), 100)

bool ecs_boots_too_slowly(const struct plan_inputs *inputs)
{
	return plan_input(inputs, PLAN_LOAD_BALANCER) != 0 &&
	       plan_input(inputs, PLAN_HEALTH_INTERVAL) > 0 &&
	       plan_input(inputs, PLAN_BOOT) >= plan_input(inputs, PLAN_UNHEALTHY_COUNT) *
							plan_input(inputs, PLAN_HEALTH_INTERVAL);
}

bool ecs_has_health_check(const struct plan_inputs *inputs)
{
	return plan_input(inputs, PLAN_LOAD_BALANCER) != 0 ||
	       inputs->values[PLAN_HEALTH_INTERVAL].source > PLAN_DEFAULT;
}

static int64_t time_to_healthy(const struct plan_inputs *inputs)
{
	const struct plan_value *interval = &inputs->values[PLAN_HEALTH_INTERVAL];

	if (!ecs_has_health_check(inputs))
		return ECS_HEALTHY_WITHOUT_CHECK;
	if (ecs_boots_too_slowly(inputs))
		return plan_input(inputs, PLAN_HEALTHY_COUNT) * interval->number;
	return interval->number;
}

/* Docker checks for the first time one interval after the start of the container. */
static int64_t time_to_container_check(const struct plan_inputs *inputs)
{
	const int64_t boot = plan_input(inputs, PLAN_BOOT);
	const int64_t interval = inputs->container_interval;

	if (interval == 0)
		return 0;
	return rollout_ceil_div(boot > 0 ? boot : 1, interval) * interval - boot;
}

bool ecs_container_check_decides(const struct plan_inputs *inputs)
{
	return time_to_container_check(inputs) > time_to_healthy(inputs);
}

struct rollout_task ecs_task(const struct plan_inputs *inputs)
{
	const int64_t exit = plan_input(inputs, PLAN_STOP);
	const int64_t limit = plan_input(inputs, PLAN_STOP_TIMEOUT);

	return (struct rollout_task){
		.start = plan_input(inputs, PLAN_PULL) + plan_input(inputs, PLAN_BOOT),
		.healthy = ecs_container_check_decides(inputs) ? time_to_container_check(inputs)
							       : time_to_healthy(inputs),
		.drain = plan_input(inputs, PLAN_LOAD_BALANCER) != 0
				 ? plan_input(inputs, PLAN_DEREGISTRATION_DELAY)
				 : 0,
		.stop = exit < limit ? exit : limit,
	};
}

/* The state of a rolling deployment at one moment. */
struct rolling {
	struct rollout *r;
	bool slots_are_held;
	int64_t now;
	int64_t old, pending, healthy,
		draining; /* tasks: old ones that serve, new ones, old ones that go */
	int64_t ordered; /* new tasks so far */
	unsigned next_healthy, next_gone; /* the first batches for which this has not come yet */
};

static void take_events(struct rolling *s)
{
	struct rollout *r = s->r;

	while (s->next_healthy < r->started_count && r->started[s->next_healthy].to <= s->now) {
		s->pending -= r->started[s->next_healthy].count;
		s->healthy += r->started[s->next_healthy++].count;
	}
	while (s->next_gone < r->stopped_count && r->stopped[s->next_gone].to <= s->now)
		s->draining -= r->stopped[s->next_gone++].count;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* ECS starts what fits below the ceiling, and stops what the floor can spare. Returns whether it did either. */
static bool order_tasks(struct rolling *s)
{
	const struct rollout_task *task = &s->r->task;
	const int64_t held = s->slots_are_held ? s->draining : 0;
	const int64_t room = s->r->ceiling - s->old - s->pending - s->healthy - held;
	const int64_t start = smaller(room, s->r->tasks - s->ordered);
	const int64_t stop = smaller(s->old, s->old + s->healthy - s->r->floor);

	if (start > 0) {
		rollout_add_started(s->r, s->now, s->now + task->start + task->healthy, start);
		s->pending += start;
		s->ordered += start;
	}
	if (stop > 0) {
		rollout_add_stopped(s->r, s->now, s->now + task->drain + task->stop, stop);
		s->draining += stop;
		s->old -= stop;
	}
	return start > 0 || stop > 0;
}

/* Returns false where nothing is to come any more. */
static bool go_to_next_event(struct rolling *s)
{
	const struct rollout *r = s->r;
	int64_t next = ROLLOUT_NEVER;

	if (s->next_healthy < r->started_count)
		next = r->started[s->next_healthy].to;
	if (s->next_gone < r->stopped_count)
		next = smaller(next, r->stopped[s->next_gone].to);
	s->now = next;
	return next != ROLLOUT_NEVER;
}

/* Tasks take the same time each, so that they become healthy in the order in which they were started. */
static void run(struct rolling *s)
{
	do {
		do
			take_events(s);
		while (order_tasks(s));
	} while (go_to_next_event(s));
}

/* When this many new tasks are healthy. */
static int64_t healthy_at(const struct rollout *r, int64_t count)
{
	int64_t healthy = 0;

	for (unsigned i = 0; i < r->started_count; i++) {
		healthy += r->started[i].count;
		if (healthy >= count)
			return r->started[i].to;
	}
	return 0;
}

/* earlySuccessCriteria: DEFERRED completes with that many healthy tasks, BLOCKING waits until old tasks are
 * gone. */
static int64_t early_success(const struct rollout *r, const struct plan_inputs *inputs)
{
	const int64_t share = EARLY_SHARE(r->tasks, plan_input(inputs, PLAN_EARLY_PERCENT));
	const int64_t moment = healthy_at(r, share);

	if (plan_input(inputs, PLAN_EARLY_SUCCESS) == PLAN_EARLY_DEFERRED)
		return moment;
	return moment + r->task.drain + r->task.stop;
}

static void roll(struct rollout *r, const struct plan_inputs *inputs, bool slots_are_held)
{
	struct rolling state = {.r = r, .slots_are_held = slots_are_held, .old = r->tasks};

	r->floor = rollout_ceil_div(r->tasks * plan_input(inputs, PLAN_MIN_PERCENT), 100);
	r->ceiling = r->tasks * plan_input(inputs, PLAN_MAX_PERCENT) / 100;
	r->batch = r->ceiling - r->floor;
	r->is_stuck = r->batch <= 0;
	if (r->is_stuck) {
		r->waves = 0;
		r->all_new = r->all_traffic = r->complete = r->old_gone = ROLLOUT_NEVER;
		r->least_healthy = r->most_running = r->tasks;
		return;
	}
	r->waves = rollout_ceil_div(r->tasks, r->batch);
	run(&state);
	rollout_finish(r);
	if (plan_input(inputs, PLAN_EARLY_SUCCESS) != PLAN_EARLY_OFF)
		r->complete = smaller(r->complete, early_success(r, inputs));
}

int64_t ecs_linear_bakes(int64_t step_tenths)
{
	return 1000 % step_tenths == 0 ? 1000 / step_tenths - 1 : 1000 / step_tenths;
}

/* All green tasks start at once, get the traffic as the strategy says, and all blue ones stop at once
 * (Amazon ECS, "blue/green service deployments workflow"). */
static void shift(struct rollout *r, const struct plan_inputs *inputs)
{
	const int64_t strategy = plan_input(inputs, PLAN_STRATEGY);
	const int64_t healthy = r->task.start + r->task.healthy;
	const int64_t step_hooks = plan_input(inputs, PLAN_STEP_HOOKS);
	int64_t at = healthy;

	r->floor = r->tasks;
	r->ceiling = 2 * r->tasks;
	r->batch = r->tasks;
	r->waves = 1;
	rollout_add_phase(r, ROLLOUT_SCALE_UP, 0, at);
	rollout_add_phase(r, ROLLOUT_HOOKS, at, at + plan_input(inputs, PLAN_HOOKS));
	at += plan_input(inputs, PLAN_HOOKS);
	if (strategy == PLAN_LINEAR) {
		const int64_t bakes = ecs_linear_bakes(plan_input(inputs, PLAN_STEP_PERCENT));
		const int64_t steps =
			bakes * plan_input(inputs, PLAN_STEP_BAKE) + (bakes + 1) * step_hooks;

		rollout_add_phase(r, ROLLOUT_STEPS, at, at + steps);
		at += steps;
	} else if (strategy != PLAN_BLUE_GREEN) {
		const int64_t canary = plan_input(inputs, PLAN_CANARY_BAKE) + 2 * step_hooks;

		rollout_add_phase(r, ROLLOUT_CANARY, at, at + canary);
		at += canary;
	}
	r->all_traffic = at;
	rollout_add_phase(r, ROLLOUT_BAKE, at, at + plan_input(inputs, PLAN_BAKE));
	at += plan_input(inputs, PLAN_BAKE);
	r->complete = at + r->task.drain + r->task.stop;
	rollout_add_phase(r, ROLLOUT_CLEAN_UP, at, r->complete);
	rollout_add_started(r, 0, healthy, r->tasks);
	rollout_add_stopped(r, at, r->complete, r->tasks);
	rollout_finish(r);
}

void ecs_rollout_make(struct rollout *r, const struct plan_inputs *inputs, bool slots_are_held)
{
	r->task = ecs_task(inputs);
	if (plan_input(inputs, PLAN_STRATEGY) == PLAN_ROLLING)
		roll(r, inputs, slots_are_held);
	else
		shift(r, inputs);
}

int64_t ecs_freeing_max(int64_t desired, int64_t min_percent)
{
	const int64_t floor = rollout_ceil_div(desired * min_percent, 100);

	return rollout_ceil_div((floor + 1) * 100, desired);
}

int64_t ecs_freeing_min(int64_t desired, int64_t max_percent)
{
	const int64_t ceiling = desired * max_percent / 100;

	return ceiling < 1 ? -1 : smaller((ceiling - 1) * 100 / desired, 100);
}

/* SPDX-License-Identifier: MIT */
#include "plan/core/swarm_rollout.h"

#define DEFAULT_MONITOR                                                                            \
	5000 /* of an absent one, and of 0 (moby, daemon/cluster/convert/service.go) */

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

bool swarm_has_start_period(const struct plan_inputs *inputs)
{
	const struct plan_value *interval = &inputs->values[PLAN_HEALTH_INTERVAL];

	return inputs->start_period > 0 && interval->number > 0 && interval->source != PLAN_OPTION;
}

static int64_t next_multiple(int64_t time, int64_t step)
{
	return rollout_ceil_div(time, step) * step;
}

/* From the start of the container to the first check after the boot. The first check of all comes one interval after
 * the start; a start period has an interval of its own (moby, daemon/health.go, monitor). */
static int64_t time_to_check(const struct plan_inputs *inputs, int64_t boot, int64_t interval)
{
	const int64_t ready = boot > 0 ? boot : 1;
	int64_t last_early = 0;

	if (swarm_has_start_period(inputs)) {
		const int64_t early = next_multiple(ready, inputs->start_interval);

		last_early = next_multiple(inputs->start_period, inputs->start_interval);
		if (early <= last_early)
			return early;
	}
	return last_early + next_multiple(ready - last_early, interval);
}

/* A task without a health check counts as running when its container was started. */
struct rollout_task swarm_task(const struct plan_inputs *inputs)
{
	const int64_t interval = plan_input(inputs, PLAN_HEALTH_INTERVAL);
	const int64_t boot = plan_input(inputs, PLAN_BOOT);

	return (struct rollout_task){
		.start = plan_input(inputs, PLAN_PULL) + (interval > 0 ? boot : 0),
		.healthy = interval > 0 ? time_to_check(inputs, boot, interval) - boot : 0,
		.stop = smaller(
			plan_input(inputs, PLAN_STOP), plan_input(inputs, PLAN_STOP_TIMEOUT)),
	};
}

/* Each worker takes a task, replaces it and sleeps the delay, after the last one too. All tasks take the same
 * time, so that the workers go in step. */
void swarm_rollout_make(struct rollout *r, const struct plan_inputs *inputs)
{
	const bool starts_first = plan_input(inputs, PLAN_ORDER) == PLAN_START_FIRST;
	const int64_t delay = plan_input(inputs, PLAN_DELAY);
	const int64_t monitor = plan_input(inputs, PLAN_MONITOR) > 0
					? plan_input(inputs, PLAN_MONITOR)
					: DEFAULT_MONITOR;
	const int64_t workers = plan_input(inputs, PLAN_PARALLELISM);
	int64_t now = 0, running, wait;

	r->task = swarm_task(inputs);
	r->batch = workers > 0 ? smaller(workers, r->tasks) : r->tasks;
	r->waves = rollout_ceil_div(r->tasks, r->batch);
	r->floor = starts_first ? r->tasks : r->tasks - r->batch;
	r->ceiling = starts_first ? r->tasks + r->batch : r->tasks;
	wait = starts_first ? 0 : smaller(r->task.stop, SWARM_OLD_TASK_TIMEOUT);
	running = wait + r->task.start + r->task.healthy;
	for (int64_t left = r->tasks; left > 0; left -= smaller(left, r->batch)) {
		const int64_t count = smaller(left, r->batch);
		const int64_t stop = starts_first ? now + running : now;

		rollout_add_started(r, now + wait, now + running, count);
		rollout_add_stopped(r, stop, stop + r->task.stop, count);
		now += running + delay;
	}
	r->complete = now + (delay >= monitor ? delay + 1000 : monitor);
	rollout_add_phase(r, ROLLOUT_MONITOR, now, r->complete);
	rollout_finish(r);
}

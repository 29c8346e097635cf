/* SPDX-License-Identifier: MIT */
#include "plan/core/estimate.h"

#include "plan/core/ecs_rollout.h"
#include "plan/core/kubernetes_rollout.h"
#include "plan/core/swarm_rollout.h"

/* Nothing is replaced, and nothing is stuck. */
static void make_empty(struct rollout *r)
{
	r->floor = r->ceiling = r->batch = r->waves = 0;
	r->task = (struct rollout_task){0};
	rollout_finish(r);
}

void estimate_rollout(
	struct rollout *ret_rollout, const struct plan_inputs *inputs, bool slots_are_held)
{
	struct rollout *r = ret_rollout;

	r->is_stuck = false;
	r->started_count = r->stopped_count = r->phase_count = 0;
	r->all_traffic = r->complete = 0;
	r->tasks = plan_input(inputs, PLAN_DESIRED);
	if (r->tasks == 0)
		make_empty(r);
	else if (inputs->platform == PLAN_ECS)
		ecs_rollout_make(r, inputs, slots_are_held);
	else if (inputs->platform == PLAN_KUBERNETES)
		kubernetes_rollout_make(r, inputs, slots_are_held);
	else
		swarm_rollout_make(r, inputs);
}

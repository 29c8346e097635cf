/* SPDX-License-Identifier: MIT */
#include "plan/core/time_plan_make.h"

#include "plan/core/ecs_rollout.h"
#include "plan/core/estimate.h"
#include "plan/core/time_notes.h"

/* A bound is a bound of each moment: where holding slots would be quicker, the two change places. */
static void put_in_order(int64_t *lower, int64_t *upper)
{
	const int64_t first = *lower;

	if (first <= *upper)
		return;
	*lower = *upper;
	*upper = first;
}

static void put_bounds_in_order(struct rollout *lower, struct rollout *upper)
{
	put_in_order(&lower->all_new, &upper->all_new);
	put_in_order(&lower->all_traffic, &upper->all_traffic);
	put_in_order(&lower->complete, &upper->complete);
	put_in_order(&lower->old_gone, &upper->old_gone);
}

static void find_freeing_change(struct time_plan *plan)
{
	const int64_t desired = plan_input(&plan->inputs, PLAN_DESIRED);

	plan->freeing_max = plan->freeing_min = -1;
	if (!plan->upper.is_stuck)
		return;
	plan->freeing_max = ecs_freeing_max(desired, plan_input(&plan->inputs, PLAN_MIN_PERCENT));
	plan->freeing_min = ecs_freeing_min(desired, plan_input(&plan->inputs, PLAN_MAX_PERCENT));
}

void time_plan_make(struct time_plan *plan)
{
	plan_inputs_complete(&plan->inputs);
	estimate_rollout(&plan->upper, &plan->inputs, true);
	estimate_rollout(&plan->lower, &plan->inputs, false);
	put_bounds_in_order(&plan->lower, &plan->upper);
	levers_make(&plan->levers, &plan->inputs, &plan->upper, &plan->lower, &plan->scratch);
	if (time_plan_has_breaker(plan))
		plan->breaker = breaker_make(&plan->inputs);
	find_freeing_change(plan);
	time_notes_make(plan);
}

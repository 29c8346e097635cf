/* SPDX-License-Identifier: MIT */
#include "plan/core/time_plan.h"

bool time_plan_has_breaker(const struct time_plan *plan)
{
	return plan->inputs.platform == PLAN_ECS && !plan->inputs.has_other_controller &&
	       plan_input(&plan->inputs, PLAN_STRATEGY) == PLAN_ROLLING;
}

bool time_plan_frees_by_max(const struct time_plan *plan)
{
	const int64_t max_step = plan->freeing_max - plan_input(&plan->inputs, PLAN_MAX_PERCENT);
	const int64_t min_step = plan_input(&plan->inputs, PLAN_MIN_PERCENT) - plan->freeing_min;

	return plan->freeing_min <= 0 || max_step <= min_step;
}

/* SPDX-License-Identifier: MIT */
/* What happens to a rolling deployment on ECS whose new tasks fail. */
#pragma once

#include "plan/core/plan_inputs.h"

struct breaker {
	bool is_on, rolls_back;
	int64_t threshold; /* failed tasks after which it trips */
	int64_t at_once; /* tasks that fail at the same time */
	int64_t crash_trip; /* time until it trips when tasks exit as soon as they have booted */
	int64_t unhealthy_trip; /* the same when they run, and fail their health checks; ROLLOUT_NEVER:
				 * there are none */
	int64_t replaced; /* old tasks that were stopped for the first new ones, and have to come back */
	int64_t rollback; /* how long that takes, and until the failed tasks are gone */
};

/* thresholdConfiguration: BOUNDED_PERCENT is clamp(ceil(desired * value / 100), 3, 200); UNBOUNDED_PERCENT the
 * same without the limits; COUNT the value (ECS API reference, DeploymentCircuitBreaker). ECS waits longer
 * between restarts of a task that never ran: that time is not documented, and not in these. */
struct breaker breaker_make(const struct plan_inputs *inputs);

int64_t breaker_threshold(int64_t desired, enum plan_threshold type, int64_t value);

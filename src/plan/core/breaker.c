/* SPDX-License-Identifier: MIT */
#include "plan/core/breaker.h"

#include "plan/core/ecs_rollout.h"

#define BOUND_MIN 3
#define BOUND_MAX 200

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t breaker_threshold(int64_t desired, enum plan_threshold type, int64_t value)
{
	const int64_t share = rollout_ceil_div(desired * value, 100);

	if (type == PLAN_THRESHOLD_VALUE)
		return value;
	if (type == PLAN_UNBOUNDED_PERCENT)
		return share;
	return share > BOUND_MAX ? BOUND_MAX : larger(share, BOUND_MIN);
}

/* From the start of a task until ECS stops it because its health checks fail. */
static int64_t detection(const struct plan_inputs *inputs)
{
	return larger(plan_input(inputs, PLAN_HEALTH_GRACE),
		plan_input(inputs, PLAN_UNHEALTHY_COUNT) *
			plan_input(inputs, PLAN_HEALTH_INTERVAL));
}

struct breaker breaker_make(const struct plan_inputs *inputs)
{
	const struct rollout_task task = ecs_task(inputs);
	const int64_t desired = plan_input(inputs, PLAN_DESIRED);
	const int64_t floor = rollout_ceil_div(desired * plan_input(inputs, PLAN_MIN_PERCENT), 100);
	const int64_t ceiling = desired * plan_input(inputs, PLAN_MAX_PERCENT) / 100;
	const int64_t room = larger(1, ceiling - floor);
	const int64_t end = task.drain + task.stop;
	struct breaker b = {
		.is_on = plan_input(inputs, PLAN_BREAKER) != 0,
		.rolls_back = plan_input(inputs, PLAN_BREAKER_ROLLBACK) != 0,
		.threshold = breaker_threshold(desired,
			(enum plan_threshold)plan_input(inputs, PLAN_BREAKER_TYPE),
			plan_input(inputs, PLAN_BREAKER_VALUE)),
		.at_once = larger(1, desired < room ? desired : room),
		.replaced = desired - floor,
	};
	const int64_t rounds = rollout_ceil_div(b.threshold, b.at_once);

	b.crash_trip = rounds * task.start;
	b.unhealthy_trip = ecs_has_health_check(inputs)
				   ? rounds * (task.start + detection(inputs) + end)
				   : ROLLOUT_NEVER;
	b.rollback = (b.replaced > 0 ? task.start + task.healthy : 0) + end;
	return b;
}

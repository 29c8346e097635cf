/* SPDX-License-Identifier: MIT */
/* Deployments of ECS. Times to be healthy and to drain are those of a target group (Elastic Load Balancing,
 * "Health checks for target groups"): one success makes a new target healthy, a whole deregistration delay
 * passes whether requests are in flight or not. */
#pragma once

#include "plan/core/rollout.h"

#define ECS_HEALTHY_WITHOUT_CHECK 40000 /* a task without any check counts as healthy after that */

void ecs_rollout_make(
	struct rollout *ret_rollout, const struct plan_inputs *inputs, bool slots_are_held);

struct rollout_task ecs_task(const struct plan_inputs *inputs);

/* Whether a target group or the container itself checks a task. */
bool ecs_has_health_check(const struct plan_inputs *inputs);

/* Both a target group and the container's own check have to find a task healthy (ECS API reference,
 * DeploymentConfiguration). Whether the container's takes longer. */
bool ecs_container_check_decides(const struct plan_inputs *inputs);

/* Whether a target group marks a new task unhealthy before it has booted: then the task needs healthy-count
 * successes, and ECS stops it unless the grace period covers that time. */
bool ecs_boots_too_slowly(const struct plan_inputs *inputs);

/* How many times LINEAR bakes between its steps (CDK, linearConfiguration): none after the last one. */
int64_t ecs_linear_bakes(int64_t step_tenths);

/* The settings by which a stuck rolling deployment could go on: the smallest maximumPercent, the largest
 * minimumHealthyPercent; -1: none. */
int64_t ecs_freeing_max(int64_t desired, int64_t min_percent);
int64_t ecs_freeing_min(int64_t desired, int64_t max_percent);

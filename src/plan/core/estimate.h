/* SPDX-License-Identifier: MIT */
/* A rollout from its inputs, on any platform. */
#pragma once

#include "plan/core/rollout.h"

/* Computes it. slots_are_held: ECS does not document whether a draining task counts against maximumPercent
 * (its guide of 2023: STOPPING counts; its API reference: RUNNING and PENDING do). true gives the upper bound,
 * false the lower one. Of an ordered StatefulSet it is whether maxUnavailable has no effect. The inputs are
 * complete. */
void estimate_rollout(
	struct rollout *ret_rollout, const struct plan_inputs *inputs, bool slots_are_held);

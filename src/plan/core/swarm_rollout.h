/* SPDX-License-Identifier: MIT */
/* Updates of Swarm services (swarmkit, manager/orchestrator/update/updater.go). */
#pragma once

#include "plan/core/rollout.h"

/* With stop-first Swarm waits no longer for an old task (restart.go, defaultOldTaskTimeout). */
#define SWARM_OLD_TASK_TIMEOUT 60000

void swarm_rollout_make(struct rollout *ret_rollout, const struct plan_inputs *inputs);
struct rollout_task swarm_task(const struct plan_inputs *inputs);

/* Whether Docker checks the health at another interval while the container starts. An interval that an option gives
 * holds from the start. */
bool swarm_has_start_period(const struct plan_inputs *inputs);

/* SPDX-License-Identifier: MIT */
/* Rollouts of Kubernetes' workloads, with each controller's own rounding. Terminating pods hold no slot. */
#pragma once

#include "plan/core/rollout.h"

/* one_at_a_time: of a StatefulSet with podManagementPolicy OrderedReady, where maxUnavailable (on by default
 * since 1.35) may have no effect: true is how it is then. */
void kubernetes_rollout_make(
	struct rollout *ret_rollout, const struct plan_inputs *inputs, bool one_at_a_time);

struct rollout_task kubernetes_task(const struct plan_inputs *inputs);

/* How many pods more than the replicas, and how many fewer, the workload may have during a rollout. */
struct kubernetes_fenceposts {
	int64_t surge, unavailable;
};
struct kubernetes_fenceposts kubernetes_fenceposts(const struct plan_inputs *inputs);

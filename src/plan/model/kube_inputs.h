/* SPDX-License-Identifier: MIT */
/* What a Kubernetes workload says of the time of its rollout. */
#pragma once

#include "plan/core/plan_inputs.h"
#include "plan/model/kube.h"

/* Sets what the document gives; what it leaves out, or leaves to another program, stays as it is. Places are
 * in `file`. Returns false for a workload that has no rollout, like a bare pod. */
bool kube_inputs_add(
	const struct kube_workload *workload, const char *file, struct plan_inputs *inputs);

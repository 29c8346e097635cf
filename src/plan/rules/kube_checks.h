/* SPDX-License-Identifier: MIT */
/* The functions that look for the rules of Kubernetes in its model, by topic. */
#pragma once

#include "plan/model/kube.h"
#include "plan/rules/check.h"

/* All of them. */
void kube_check(struct check *check, const struct kube_model *model);

void kube_check_grace(struct check *check, const struct kube_workload *workload);
void kube_check_serving(struct check *check, const struct kube_workload *workload);
void kube_check_commands(struct check *check, const struct kube_workload *workload);
void kube_check_sidecars(struct check *check, const struct kube_workload *workload);
void kube_check_rollout(struct check *check, const struct kube_workload *workload);

/* pods: that it is for; -1: unknown */
void kube_check_budget(struct check *check, const struct kube_budget *budget, int64_t pods);

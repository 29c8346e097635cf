/* SPDX-License-Identifier: MIT */
#include "plan/rules/kube_checks.h"

static void check_workload(struct check *check, const struct kube_workload *workload)
{
	check->anchor = check_text(check, "%s/%s", workload->kind_name, workload->name);
	kube_check_grace(check, workload);
	kube_check_serving(check, workload);
	kube_check_commands(check, workload);
	kube_check_sidecars(check, workload);
	kube_check_rollout(check, workload);
}

void kube_check(struct check *check, const struct kube_model *model)
{
	for (const struct kube_workload *at = model->workloads; at; at = at->next)
		check_workload(check, at);
	for (const struct kube_budget *at = model->budgets; at; at = at->next) {
		check->anchor = check_text(check, "PodDisruptionBudget/%s", at->name);
		kube_check_budget(check, at, model->workloads);
	}
	check->anchor = "";
}

/* SPDX-License-Identifier: MIT */
#include "plan/lint/platform_registry.h"

#include "plan/model/kube.h"
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

static void lint(struct check *check, struct document *const documents[], size_t count)
{
	struct arena arena = {0};
	struct kube_model model;

	kube_model_init(&model, &arena, check->settings->image_has_lastcall);
	for (size_t i = 0; i < count; i++)
		kube_read(&model, documents[i]->root);
	for (const struct kube_workload *at = model.workloads; at; at = at->next)
		check_workload(check, at);
	for (const struct kube_budget *at = model.budgets; at; at = at->next) {
		check->anchor = check_text(check, "PodDisruptionBudget/%s", at->name);
		kube_check_budget(check, at, model.workloads);
	}
	check->anchor = "";
	arena_done(&arena);
}

const struct lint_platform kube_platform = {
	.name = "Kubernetes manifest",
	.recognises = kube_recognises,
	.lint = lint,
};

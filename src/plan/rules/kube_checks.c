/* SPDX-License-Identifier: MIT */
#include "plan/rules/kube_checks.h"

enum { COMPARED_MAX = 2000 }; /* budgets that are compared with workloads */

/* What another API makes of a pod template is not known: it may add probes, hooks and proxies of its own. */
static void lower_severities(struct check *check, size_t first)
{
	for (size_t i = first; i < check->count; i++) {
		if (check->findings[i].severity > SEVERITY_NOTE)
			check->findings[i].severity--;
	}
}

static void check_in(struct check *check, const struct document *document)
{
	if (!document)
		return;
	check->file = document->file;
	check->is_json = document->is_json;
}

static void check_workload(struct check *check, const struct kube_workload *workload)
{
	const size_t first = check->count;
	struct arena arena = {0};

	kube_read_lastcall(workload, &arena);
	check_in(check, workload->document);
	check->anchor = check_text(check, "%s/%s", workload->kind_name, workload->name);
	kube_check_grace(check, workload);
	kube_check_serving(check, workload);
	kube_check_commands(check, workload);
	kube_check_sidecars(check, workload);
	kube_check_rollout(check, workload);
	if (workload->kind == KUBE_OTHER)
		lower_severities(check, first);
	arena_done(&arena);
}

void kube_check(struct check *check, const struct kube_model *model)
{
	size_t count = 0;

	for (const struct kube_workload *at = model->workloads; at; at = at->next)
		check_workload(check, at);
	for (const struct kube_budget *at = model->budgets; at; at = at->next) {
		check_in(check, at->document);
		check->anchor = check_text(check, "PodDisruptionBudget/%s", at->name);
		kube_check_budget(
			check, at, ++count <= COMPARED_MAX ? kube_budget_pods(model, at) : -1);
	}
	check->anchor = "";
}

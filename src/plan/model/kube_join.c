/* SPDX-License-Identifier: MIT */
/* Objects of Kubernetes that are for others: autoscalers, and disruption budgets. */
#include "plan/model/kube.h"

#include <string.h>

enum { COMPARED_MAX = 2000 }; /* workloads that an object is compared with, and such objects */

/* An object without a namespace is deployed into the one that the deployment names. */
static bool may_be_in_one_namespace(const char *a, const char *b)
{
	return !a || !b || strcmp(a, b) == 0;
}

static enum nearness nearness_to(const char *file, const struct kube_workload *workload)
{
	return file && workload->document ? nearness_of(file, workload->document->file) : SAME_FILE;
}

static bool is_target(
	const struct kube_autoscaler *autoscaler, const struct kube_workload *workload)
{
	return strcmp(autoscaler->name, workload->name) == 0 &&
	       strcmp(autoscaler->kind_name, workload->kind_name) == 0 &&
	       may_be_in_one_namespace(autoscaler->namespace, workload->namespace);
}

/* Of two that could be meant the nearer one decides; which of two that are as near does is unknown. */
static void scale(struct kube_workload *workload, const struct kube_autoscaler *autoscaler)
{
	const struct kube_autoscaler *before = workload->autoscaler;
	const enum nearness now = nearness_to(autoscaler->file, workload);
	const enum nearness then = before ? nearness_to(before->file, workload) : ELSEWHERE;

	if (before && now < then)
		return;
	if (before && now == then && autoscaler->least.value != before->least.value) {
		workload->replicas.is_known = false;
		return;
	}
	workload->autoscaler = autoscaler;
	workload->replicas = autoscaler->least;
}

static void apply(struct kube_model *model, const struct kube_autoscaler *autoscaler)
{
	enum nearness nearest = ELSEWHERE;
	size_t count = 0;

	for (const struct kube_workload *at = model->workloads; at && ++count <= COMPARED_MAX;
		at = at->next) {
		if (is_target(autoscaler, at) && nearness_to(autoscaler->file, at) > nearest)
			nearest = nearness_to(autoscaler->file, at);
	}
	count = 0;
	for (struct kube_workload *at = model->workloads; at && ++count <= COMPARED_MAX;
		at = at->next) {
		if (is_target(autoscaler, at) && nearness_to(autoscaler->file, at) == nearest)
			scale(at, autoscaler);
	}
}

void kube_apply_autoscalers(struct kube_model *model)
{
	size_t count = 0;

	for (const struct kube_autoscaler *at = model->autoscalers; at && ++count <= COMPARED_MAX;
		at = at->next)
		apply(model, at);
}

/* By matchLabels alone; false where that is unknown. */
static bool selects(const struct kube_budget *budget, const struct kube_workload *workload)
{
	const struct node *selector = node_get(budget->spec, "selector");
	const struct node *wanted = node_get(selector, "matchLabels");
	struct pair_walk walk;

	if (node_count(wanted) == 0 || node_count(node_get(selector, "matchExpressions")) > 0 ||
		!may_be_in_one_namespace(budget->namespace, workload->namespace))
		return false;
	pair_walk_start(&walk, wanted);
	while (pair_walk_next(&walk)) {
		const char *value = node_text(walk.value);

		if (!value || !node_has_text(node_get(workload->labels, walk.key->text), value))
			return false;
	}
	return true;
}

/* Adds those that are so near. Returns false where their number is unknown. */
static bool add_pods(const struct kube_model *model, const struct kube_budget *budget,
	enum nearness nearness, int64_t *pods)
{
	const char *file = budget->document ? budget->document->file : NULL;
	size_t count = 0;

	for (const struct kube_workload *at = model->workloads; at; at = at->next) {
		if (++count > COMPARED_MAX)
			return false;
		if (nearness_to(file, at) != nearness || !selects(budget, at))
			continue;
		if (!at->replicas.is_known || at->kind == KUBE_DAEMON_SET)
			return false;
		*pods += at->replicas.value;
	}
	return true;
}

int64_t kube_budget_pods(const struct kube_model *model, const struct kube_budget *budget)
{
	int64_t pods = 0;

	if (!add_pods(model, budget, SAME_FILE, &pods) ||
		(pods == 0 && !add_pods(model, budget, SAME_FOLDER, &pods)))
		return -1;
	return pods > 0 ? pods : -1;
}

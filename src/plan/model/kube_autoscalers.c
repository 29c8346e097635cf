/* SPDX-License-Identifier: MIT */
#include "plan/model/kube_autoscalers.h"

#include <string.h>

enum { COMPARED_MAX = 1000 }; /* autoscalers that a workload is compared with */

void kube_read_autoscaler(
	struct kube_model *model, const struct node *root, const char *field, int64_t absent)
{
	const struct node *spec = node_get(root, "spec"),
			  *target = node_get(spec, "scaleTargetRef");
	const char *kind = node_text(node_get(target, "kind"));
	const char *name = node_text(node_get(target, "name"));
	struct kube_autoscaler *autoscaler;

	if (!name)
		return;
	autoscaler = arena_alloc(model->arena, sizeof(*autoscaler));
	*autoscaler = (struct kube_autoscaler){
		.kind_name = kind ? kind : "Deployment", /* ScaledObject's default */
		.name = name,
		.least = number_read(node_get(spec, field), absent),
		.next = model->autoscalers,
	};
	model->autoscalers = autoscaler;
}

static const struct kube_autoscaler *find(
	const struct kube_model *model, const struct kube_workload *workload)
{
	const struct kube_autoscaler *at = model->autoscalers;
	size_t count = 0;

	for (; at && ++count <= COMPARED_MAX; at = at->next) {
		if (strcmp(at->name, workload->name) == 0 &&
			strcmp(at->kind_name, workload->kind_name) == 0)
			return at;
	}
	return NULL;
}

void kube_apply_autoscalers(struct kube_model *model)
{
	for (struct kube_workload *at = model->workloads; at; at = at->next) {
		const struct kube_autoscaler *autoscaler = find(model, at);

		if (autoscaler)
			at->replicas = autoscaler->least;
	}
}

/* SPDX-License-Identifier: MIT */
#include "plan/model/kube_autoscalers.h"

#include <string.h>

static const struct {
	const char *kind, *field;
	int64_t absent; /* the least number of pods where the field is not given */
} kinds[] = {
	{"HorizontalPodAutoscaler", "minReplicas", 1},
	{"ScaledObject", "minReplicaCount", 0},
};

static void add(struct kube_autoscaler **list, struct arena *arena, const struct node *root,
	const char *field, int64_t absent, const char *file)
{
	const struct node *spec = node_get(root, "spec"),
			  *target = node_get(spec, "scaleTargetRef");
	const char *kind = node_text(node_get(target, "kind"));
	const char *name = node_text(node_get(target, "name"));
	struct kube_autoscaler *autoscaler;

	if (!name)
		return;
	autoscaler = arena_alloc(arena, sizeof(*autoscaler));
	*autoscaler = (struct kube_autoscaler){
		.kind_name = kind ? kind : "Deployment", /* ScaledObject's default */
		.name = name,
		.namespace = node_text(node_find(root, "metadata", "namespace", NULL)),
		.file = file,
		.least = number_read(node_get(spec, field), absent),
		.next = *list,
	};
	*list = autoscaler;
}

bool kube_autoscaler_read(struct kube_autoscaler **list, struct arena *arena, const char *kind,
	const struct node *root, const char *file)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(kinds[i].kind, kind) == 0) {
			add(list, arena, root, kinds[i].field, kinds[i].absent, file);
			return true;
		}
	}
	return false;
}

/* SPDX-License-Identifier: MIT */
#include "plan/model/terraform.h"

#include "plan/model/terraform_tree.h"

#include <string.h>

enum { BLOCKS_DEEP = 32 };

struct reader {
	struct tree *tree;
	struct kube_model *model;
};

/* The provider's resources, without the suffixes _v1 and _v2, and the kinds of Kubernetes. */
static const struct {
	const char *type, *api, *kind;
} kinds[] = {
	{"kubernetes_pod", "v1", "Pod"},
	{"kubernetes_deployment", "apps/v1", "Deployment"},
	{"kubernetes_stateful_set", "apps/v1", "StatefulSet"},
	{"kubernetes_daemonset", "apps/v1", "DaemonSet"},
	{"kubernetes_daemon_set", "apps/v1", "DaemonSet"},
	{"kubernetes_replication_controller", "v1", "ReplicationController"},
	{"kubernetes_job", "batch/v1", "Job"},
	{"kubernetes_cron_job", "batch/v1", "CronJob"},
	{"kubernetes_pod_disruption_budget", "policy/v1", "PodDisruptionBudget"},
	{"kubernetes_horizontal_pod_autoscaler", "autoscaling/v2", "HorizontalPodAutoscaler"},
};

/* Blocks that are lists in Kubernetes, which calls them in the plural. All others are one mapping. */
static const char *const lists[][2] = {
	{"container", "containers"},
	{"init_container", "initContainers"},
	{"port", "ports"},
	{"volume", "volumes"},
	{"volume_mount", "volumeMounts"},
	{"env", "env"},
	{"env_from", "envFrom"},
	{"toleration", "tolerations"},
	{"match_expressions", "matchExpressions"},
};

/* Mappings whose keys are the user's. */
static const char *const verbatim[] = {
	"labels", "match_labels", "annotations", "node_selector", "limits", "requests", "data"};

static const char *plural_of(const char *name)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		if (strcmp(lists[i][0], name) == 0)
			return lists[i][1];
	}
	return NULL;
}

static bool is_verbatim(const char *name)
{
	for (size_t i = 0; i < sizeof(verbatim) / sizeof(*verbatim); i++) {
		if (strcmp(verbatim[i], name) == 0)
			return true;
	}
	return false;
}

/* termination_grace_period_seconds: terminationGracePeriodSeconds */
static const char *camel(struct arena *arena, const char *name)
{
	char *copy = arena_copy(arena, name, strlen(name)), *to = copy;

	for (const char *c = name; *c; c++) {
		if (*c == '_' && c[1] >= 'a' && c[1] <= 'z')
			*to++ = (char)(*++c - 'a' + 'A');
		else
			*to++ = *c;
	}
	*to = '\0';
	return copy;
}

/* Numbers or percentages, which the provider has as texts: "0" is a number. */
static bool is_int_or_percent(const char *name)
{
	return strcmp(name, "max_surge") == 0 || strcmp(name, "max_unavailable") == 0 ||
	       strcmp(name, "min_available") == 0;
}

static const struct node *convert(struct reader *reader, const struct node *node, int depth);

static const struct node *convert_items(struct reader *reader, const struct node *list, int depth)
{
	const struct node **items = arena_alloc(
		&reader->tree->arena, (node_count(list) + 1) * sizeof(const struct node *));
	size_t count = 0;

	for (const struct node *item = node_first(list); item; item = item->next)
		items[count++] = convert(reader, item, depth + 1);
	return terraform_list_new(reader->tree, list, items, count);
}

/* A list of one block is that block; a list of scalars stays one. */
static const struct node *convert_value(
	struct reader *reader, const char *name, const struct node *value, int depth)
{
	const struct node *first = node_item(value, 0);

	if (is_int_or_percent(name) && node_text(value))
		return terraform_number_new(reader->tree, value, node_text(value));
	if (is_verbatim(name) || node_is(value, NODE_SCALAR))
		return value;
	if (plural_of(name))
		return convert_items(reader, value, depth);
	if (node_is(value, NODE_MAPPING))
		return convert(reader, value, depth + 1);
	return !first || node_is(first, NODE_SCALAR) ? value : convert(reader, first, depth + 1);
}

static const struct node *convert(struct reader *reader, const struct node *node, int depth)
{
	struct terraform_mapping mapping = terraform_mapping_new(reader->tree, node);
	struct pair_walk walk;

	if (depth > BLOCKS_DEEP)
		return NULL;
	pair_walk_start(&walk, node);
	while (pair_walk_next(&walk)) {
		const char *name = walk.key->text, *plural = plural_of(name);

		if (node_is(walk.value, NODE_SCALAR))
			plural = NULL; /* the port of a probe */
		if (node_is_null(walk.value) ||
			(node_is(walk.value, NODE_SEQUENCE) && node_count(walk.value) == 0))
			continue; /* Terraform has all attributes, also those that are not given */
		terraform_mapping_add(&mapping, plural ? plural : camel(&reader->tree->arena, name),
			convert_value(reader, name, walk.value, depth));
	}
	return mapping.builder.node;
}

static void read_kind(struct reader *reader, const struct terraform_resource *resource,
	const char *api, const char *kind)
{
	struct terraform_mapping object = terraform_mapping_new(reader->tree, resource->node);

	terraform_mapping_add(
		&object, "apiVersion", terraform_text_new(reader->tree, resource->node, api));
	terraform_mapping_add(
		&object, "kind", terraform_text_new(reader->tree, resource->node, kind));
	terraform_mapping_add(&object, "metadata",
		convert(reader, terraform_block(resource->values, "metadata"), 0));
	terraform_mapping_add(
		&object, "spec", convert(reader, terraform_block(resource->values, "spec"), 0));
	kube_add(reader->model, object.builder.node);
}

static bool is_type(const char *type, const char *of)
{
	const size_t len = strlen(of);

	return strncmp(type, of, len) == 0 &&
	       (type[len] == '\0' || strcmp(type + len, "_v1") == 0 ||
		       strcmp(type + len, "_v2") == 0);
}

static void read_resource(void *data, const struct terraform_resource *resource)
{
	struct reader *reader = data;

	if (strcmp(resource->type, "kubernetes_manifest") == 0)
		kube_add(reader->model, node_get(resource->values, "manifest"));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (is_type(resource->type, kinds[i].type))
			read_kind(reader, resource, kinds[i].api, kinds[i].kind);
	}
}

void terraform_read_kube(struct tree *tree, const struct node *root, struct kube_model *model)
{
	struct reader reader = {tree, model};

	terraform_each(root, model->arena, read_resource, &reader);
}

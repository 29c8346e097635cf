/* SPDX-License-Identifier: MIT */
#include "plan/model/ecs_reader.h"

#include "plan/document/joined_documents.h"
#include "plan/model/ecs_join.h"
#include "plan/model/ecs_parts.h"

#include <string.h>

enum { MAX_PARTS = JOINED_MAX_PARTS }; /* of a kind */

struct json_reader {
	struct setting_source camel, pascal; /* ECS, and Elastic Load Balancing */
	struct ecs_origin origin; /* of the document that is read now */
	struct ecs_model *model;
};

static bool is_task(const struct node *node)
{
	return node_is(node_get(node, "containerDefinitions"), NODE_SEQUENCE);
}

static bool is_service(const struct node *node)
{
	if (node_is(node_get(node, "deploymentConfiguration"), NODE_MAPPING))
		return true;
	return node_text(node_get(node, "taskDefinition")) &&
	       (node_get(node, "desiredCount") || node_get(node, "serviceName") ||
		       node_get(node, "launchType"));
}

/* Of a target group, and of no load balancer; the API returns them in no order. */
static bool is_attribute_list(const struct node *list)
{
	for (const struct node *item = node_first(list); item; item = item->next) {
		const char *key = node_text(node_get(item, "Key"));

		if (key && (strncmp(key, "deregistration_delay.", 21) == 0 ||
				   strncmp(key, "stickiness.", 11) == 0))
			return true;
	}
	return false;
}

static bool has_parts(const struct node *node)
{
	const struct node *attributes = node_get(node, "Attributes");

	return is_task(node) || is_service(node) || is_task(node_get(node, "taskDefinition")) ||
	       is_service(node_get(node, "service")) ||
	       is_service(node_item(node_get(node, "services"), 0)) ||
	       node_get(node_item(node_get(node, "TargetGroups"), 0), "TargetGroupArn") ||
	       is_attribute_list(attributes);
}

bool ecs_json_recognises(const struct node *root)
{
	return has_parts(node_is(root, NODE_SEQUENCE) ? node_item(root, 0) : root);
}

size_t ecs_json_parts(const struct node *root)
{
	return 1 + (node_is(root, NODE_SEQUENCE) ? node_count(root) : 0) +
	       node_count(node_get(root, "services")) + node_count(node_get(root, "TargetGroups"));
}

static const char *named(
	struct arena *arena, const struct node *node, const char *key, const char *otherwise)
{
	const char *name = node_text(node_get(node, key));

	return arena_printf(arena, "%s", name ? name : otherwise);
}

static void add_task(struct json_reader *reader, const struct node *node)
{
	struct ecs_model *model = reader->model;
	struct ecs_task *task;

	if (!is_task(node) || model->task_count == MAX_PARTS)
		return;
	model->tasks = memory_grow(model->tasks, model->task_count, sizeof(*model->tasks));
	task = &model->tasks[model->task_count++];
	*task = (struct ecs_task){
		.origin = reader->origin,
		.name = named(reader->camel.arena, node, "family", "task definition"),
		.arn = node_text(node_get(node, "taskDefinitionArn")),
	};
	task->anchor = task->name;
	ecs_task_read(&reader->camel, node, task);
}

static void add_service(struct json_reader *reader, const struct node *node)
{
	struct ecs_model *model = reader->model;
	struct ecs_service *service;

	if (!is_service(node) || model->service_count == MAX_PARTS)
		return;
	model->services =
		memory_grow(model->services, model->service_count, sizeof(*model->services));
	service = &model->services[model->service_count++];
	*service = (struct ecs_service){.origin = reader->origin,
		.name = named(reader->camel.arena, node, "serviceName", "service")};
	service->anchor = service->name;
	ecs_service_read(&reader->camel, node, service);
}

static void add_target_group(struct json_reader *reader, const struct node *node)
{
	struct ecs_model *model = reader->model;
	struct ecs_target_group *group;

	if (!node_is(node, NODE_MAPPING) || model->target_group_count == MAX_PARTS)
		return;
	model->target_groups = memory_grow(
		model->target_groups, model->target_group_count, sizeof(*model->target_groups));
	group = &model->target_groups[model->target_group_count++];
	*group = (struct ecs_target_group){
		.origin = reader->origin,
		.attributes_origin = reader->origin,
		.name = named(reader->pascal.arena, node, "TargetGroupName", "target group"),
		.arn = node_text(node_get(node, "TargetGroupArn")),
		.is_partial = !node_get(node, "TargetGroupArn"),
	};
	group->anchor = group->name;
	ecs_target_group_read(&reader->pascal, node, group);
	group->has_more_attributes |= !group->attributes; /* they are described apart */
}

static void each(struct json_reader *reader, const struct node *list,
	void (*add)(struct json_reader *reader, const struct node *node))
{
	for (const struct node *item = node_first(list); item; item = item->next)
		add(reader, item);
}

static void add_parts(struct json_reader *reader, const struct node *node)
{
	add_task(reader, node);
	add_task(reader, node_get(node, "taskDefinition"));
	add_service(reader, node);
	add_service(reader, node_get(node, "service"));
	each(reader, node_get(node, "services"), add_service);
	each(reader, node_get(node, "TargetGroups"), add_target_group);
	if (is_attribute_list(node_get(node, "Attributes")))
		add_target_group(reader, node);
}

static void read_balancers(struct json_reader *reader, struct ecs_service *service)
{
	const struct source_items items =
		source_list(&reader->camel, service->node, "LoadBalancers");
	struct ecs_load_balancer *balancers =
		arena_alloc(reader->camel.arena, (items.count + 1) * sizeof(*balancers));

	for (size_t i = 0; i < items.count; i++) {
		const struct node *advanced = node_get(items.items[i], "advancedConfiguration");

		balancers[i] = (struct ecs_load_balancer){
			.node = items.items[i],
			.container =
				named(reader->camel.arena, items.items[i], "containerName", ""),
			.target_group = ecs_find_target_group(reader->model,
				node_text(node_get(items.items[i], "targetGroupArn"))),
			.alternate = ecs_find_target_group(reader->model,
				node_text(node_get(advanced, "alternateTargetGroupArn"))),
		};
	}
	service->load_balancers = balancers;
	service->load_balancer_count = items.count;
}

void ecs_json_read(struct document *const documents[], size_t count, struct arena *arena,
	struct ecs_model *ret_model)
{
	struct json_reader reader = {
		.camel = {.arena = arena, .is_camel = true},
		.pascal = {.arena = arena},
		.model = ret_model,
	};

	*ret_model = (struct ecs_model){0};
	for (size_t i = 0; i < count; i++) {
		const struct node *root = documents[i]->root;

		reader.origin = (struct ecs_origin){documents[i]->file, documents[i]->is_json};
		if (node_is(root, NODE_SEQUENCE))
			each(&reader, root, add_parts);
		else
			add_parts(&reader, root);
	}
	for (size_t i = 0; i < ret_model->service_count; i++)
		read_balancers(&reader, &ret_model->services[i]);
	ecs_join(ret_model);
}

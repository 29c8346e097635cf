/* SPDX-License-Identifier: MIT */
#include "plan/model/ecs_reader.h"

#include "plan/model/ecs_parts.h"
#include "plan/model/ecs_scaling.h"

#include <string.h>

/* Of a kind. CloudFormation takes 500 resources in all. */
enum { MAX_PARTS = 2000 };

struct template_reader {
	struct setting_source source;
	struct ecs_model *model;
};

bool ecs_template_recognises(const struct node *root)
{
	const struct node *resources = node_get(root, "Resources");
	const struct node *first = node_child(node_resolve(resources));

	if (!node_is(resources, NODE_MAPPING))
		return false;
	return node_get(root, "AWSTemplateFormatVersion") ||
	       (first && node_text(node_get(first->next, "Type")) &&
		       strstr(node_text(node_get(first->next, "Type")), "::")) ||
	       (first && strncmp(first->text, "Fn::", 4) == 0);
}

/* The CDK's path outlives a logical id. */
static const char *anchor_of(const struct node *resource, const char *id)
{
	const char *path = node_text(node_find(resource, "Metadata", "aws:cdk:path", NULL));

	return path ? path : id;
}

static bool is_type(const struct node *resource, const char *type)
{
	return node_has_text(node_get(resource, "Type"), type);
}

static void add_task(struct template_reader *reader, const char *id, const struct node *resource,
	const struct node *properties)
{
	struct ecs_model *model = reader->model;
	struct ecs_task *task;

	model->tasks = memory_grow(model->tasks, model->task_count, sizeof(*model->tasks));
	task = &model->tasks[model->task_count++];
	*task = (struct ecs_task){.name = id, .anchor = anchor_of(resource, id)};
	ecs_task_read(&reader->source, properties, task);
	if (!task->node)
		task->node = resource;
}

static void add_service(struct template_reader *reader, const char *id, const struct node *resource,
	const struct node *properties)
{
	struct ecs_model *model = reader->model;
	struct ecs_service *service;

	model->services =
		memory_grow(model->services, model->service_count, sizeof(*model->services));
	service = &model->services[model->service_count++];
	*service = (struct ecs_service){
		.name = id,
		.anchor = anchor_of(resource, id),
		.default_desired_is_known = true,
	};
	ecs_service_read(&reader->source, properties, service);
}

static void add_target_group(struct template_reader *reader, const char *id,
	const struct node *resource, const struct node *properties)
{
	struct ecs_model *model = reader->model;
	struct ecs_target_group *group;

	model->target_groups = memory_grow(
		model->target_groups, model->target_group_count, sizeof(*model->target_groups));
	group = &model->target_groups[model->target_group_count++];
	*group = (struct ecs_target_group){.name = id, .anchor = anchor_of(resource, id)};
	ecs_target_group_read(&reader->source, properties, group);
}

static struct value attribute(
	const struct template_reader *reader, const struct source_items *items, const char *name)
{
	for (size_t i = 0; i < items->count; i++) {
		const struct value key = source_value(&reader->source, items->items[i], "Key");

		if (value_is(&key, name))
			return source_value(&reader->source, items->items[i], "Value");
	}
	return (struct value){0};
}

static void add_balancer(struct template_reader *reader, const char *id,
	const struct node *resource, const struct node *properties)
{
	const struct source_items attributes =
		source_list(&reader->source, properties, "LoadBalancerAttributes");
	const struct value type = source_value(&reader->source, properties, "Type");
	struct ecs_model *model = reader->model;

	model->balancers =
		memory_grow(model->balancers, model->balancer_count, sizeof(*model->balancers));
	model->balancers[model->balancer_count++] = (struct ecs_balancer){
		.node = properties,
		.name = id,
		.anchor = anchor_of(resource, id),
		.is_network = value_is(&type, "network"),
		.idle_timeout = attribute(reader, &attributes, "idle_timeout.timeout_seconds"),
	};
}

static bool is_full(const struct ecs_model *model)
{
	return model->task_count == MAX_PARTS || model->service_count == MAX_PARTS ||
	       model->target_group_count == MAX_PARTS || model->balancer_count == MAX_PARTS;
}

static void add_resource(
	struct template_reader *reader, const char *id, const struct node *resource)
{
	const struct node *properties = node_get(resource, "Properties");

	if (!node_is(properties, NODE_MAPPING) || !node_text(node_get(resource, "Type")) ||
		strncmp(node_text(node_get(resource, "Type")), "AWS::E", 6) != 0 ||
		!cfn_exists(reader->source.cfn, resource))
		return;
	if (is_type(resource, "AWS::ECS::TaskDefinition"))
		add_task(reader, id, resource, properties);
	else if (is_type(resource, "AWS::ECS::Service"))
		add_service(reader, id, resource, properties);
	else if (is_type(resource, "AWS::ElasticLoadBalancingV2::TargetGroup"))
		add_target_group(reader, id, resource, properties);
	else if (is_type(resource, "AWS::ElasticLoadBalancingV2::LoadBalancer"))
		add_balancer(reader, id, resource, properties);
}

/* Parts by the logical id that a template refers to. */
static struct ecs_task *find_task(struct ecs_model *model, const char *id)
{
	for (size_t i = 0; id && i < model->task_count; i++) {
		if (strcmp(model->tasks[i].name, id) == 0)
			return &model->tasks[i];
	}
	return NULL;
}

static const struct ecs_target_group *find_target_group(
	const struct ecs_model *model, const char *id)
{
	for (size_t i = 0; id && i < model->target_group_count; i++) {
		if (strcmp(model->target_groups[i].name, id) == 0)
			return &model->target_groups[i];
	}
	return NULL;
}

static const char *reference(
	const struct template_reader *reader, const struct node *mapping, const char *name)
{
	return cfn_reference(reader->source.cfn, node_get(mapping, name), reader->source.arena);
}

static void join(struct template_reader *reader, struct ecs_service *service)
{
	const struct source_items items =
		source_list(&reader->source, service->node, "LoadBalancers");
	struct ecs_load_balancer *balancers =
		arena_alloc(reader->source.arena, (items.count + 1) * sizeof(*balancers));

	for (size_t i = 0; i < items.count; i++) {
		const struct node *advanced =
			source_part(&reader->source, items.items[i], "AdvancedConfiguration", NULL);
		const struct value name =
			source_value(&reader->source, items.items[i], "ContainerName");

		balancers[i] = (struct ecs_load_balancer){
			.node = items.items[i],
			.container = value_is_known(&name) ? name.text : "",
			.target_group = find_target_group(
				reader->model, reference(reader, items.items[i], "TargetGroupArn")),
			.alternate = find_target_group(reader->model,
				reference(reader, advanced, "AlternateTargetGroupArn")),
		};
	}
	service->load_balancers = balancers;
	service->load_balancer_count = items.count;
	service->has_more_load_balancers = items.has_more;
	service->task =
		find_task(reader->model, reference(reader, service->node, "TaskDefinition"));
}

static void scale(struct template_reader *reader, const struct node *resource)
{
	const struct node *properties = node_get(resource, "Properties");

	if (is_type(resource, "AWS::ApplicationAutoScaling::ScalableTarget") &&
		node_is(properties, NODE_MAPPING) && cfn_exists(reader->source.cfn, resource))
		ecs_scaling_read(&reader->source, properties, reader->model);
}

static void read_once(struct cfn *cfn, struct arena *arena, struct ecs_model *ret_model)
{
	struct template_reader reader = {
		.source = {.arena = arena, .cfn = cfn},
		.model = ret_model,
	};
	struct pair_walk walk;

	*ret_model = (struct ecs_model){.is_cloudformation = true};
	pair_walk_start(&walk, node_get(cfn->root, "Resources"));
	while (!is_full(ret_model) && pair_walk_next(&walk))
		add_resource(&reader, walk.key->text, walk.value);
	for (size_t i = 0; i < ret_model->service_count; i++)
		join(&reader, &ret_model->services[i]);
	pair_walk_start(&walk, node_get(cfn->root, "Resources"));
	while (ret_model->service_count > 0 && pair_walk_next(&walk))
		scale(&reader, walk.value);
}

void ecs_template_read(struct cfn *cfn, struct arena *arena, struct ecs_model *ret_model)
{
	bool is_settled;

	*ret_model = (struct ecs_model){0};
	do {
		const size_t known = cfn->atom_count;

		ecs_model_done(ret_model);
		read_once(cfn, arena, ret_model);
		is_settled = cfn->atom_count == known;
		if (!cfn_is_possible(cfn))
			is_settled = !cfn_next_scenario(cfn);
	} while (!is_settled);
}

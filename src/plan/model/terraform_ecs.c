/* SPDX-License-Identifier: MIT */
#include "plan/model/terraform.h"

#include "plan/document/json_reader.h"
#include "plan/model/ecs_parts.h"
#include "plan/model/terraform_tree.h"

#include <stdlib.h>
#include <string.h>

bool terraform_recognises(const struct node *root)
{
	return node_text(node_get(root, "format_version")) &&
	       (node_get(root, "planned_values") || node_find(root, "values", "root_module", NULL));
}

bool terraform_is_known_version(const struct node *root)
{
	const char *version = node_text(node_get(root, "format_version"));

	return version && strncmp(version, "1.", 2) == 0;
}

enum { MAX_EMBEDDED_BYTES = 64 << 20 }; /* of all definitions together */

struct reader {
	struct tree *tree;
	struct arena *arena;
	struct setting_source source, target_source; /* ECS spells its names, and so does ELB */
	struct ecs_model *model;
	size_t embedded_bytes;
	struct terraform_resource *tasks, *services, *groups; /* of the model's parts */
};

/* How the provider calls an attribute, and how the API does. A part is a mapping or a list. */
struct spelling {
	const char *block, *from, *to;
	bool is_part;
};

/* The value, or what readers take for an unknown one: a mapping for a scalar, a scalar for a part. */
static const struct node *value_of(struct reader *reader, const struct terraform_resource *resource,
	const struct spelling *spelling)
{
	const struct node *from = spelling->block
					  ? terraform_block(resource->values, spelling->block)
					  : resource->values;
	const struct node *value = node_get(from, spelling->from);

	if (value && !node_is_null(value))
		return value;
	if (!terraform_is_unknown(resource, spelling->block, spelling->from))
		return NULL;
	if (spelling->is_part)
		return terraform_text_new(reader->tree, resource->node, "known after apply");
	return terraform_mapping_new(reader->tree, resource->node).builder.node;
}

static void add_all(struct reader *reader, const struct terraform_resource *resource,
	struct terraform_mapping *mapping, const struct spelling *spellings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		terraform_mapping_add(
			mapping, spellings[i].to, value_of(reader, resource, &spellings[i]));
}

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A block of the provider becomes a part of the API. */
static const struct node *part(struct reader *reader, const struct terraform_resource *resource,
	const struct spelling *spellings, size_t count)
{
	const struct node *block = terraform_block(resource->values, spellings[0].block);
	struct terraform_mapping mapping;

	if (!block) {
		if (terraform_is_unknown(resource, NULL, spellings[0].block))
			return terraform_text_new(
				reader->tree, resource->node, "known after apply");
		return NULL;
	}
	mapping = terraform_mapping_new(reader->tree, block);
	add_all(reader, resource, &mapping, spellings, count);
	return mapping.builder.node;
}

/* The definitions are JSON in a string. */
static const struct node *definitions(
	struct reader *reader, const struct terraform_resource *resource)
{
	const struct spelling spelling = {NULL, "container_definitions", NULL, true};
	const struct node *value = value_of(reader, resource, &spelling);
	struct document_error error = {0};
	const struct node *list;

	if (!node_text(value) || node_text(value)[0] != '[')
		return value;
	reader->embedded_bytes += strlen(node_text(value));
	if (reader->embedded_bytes > MAX_EMBEDDED_BYTES)
		return terraform_text_new(reader->tree, value, "too much");
	list = json_read_embedded(reader->tree, node_resolve(value), &error);
	return list ? list : terraform_text_new(reader->tree, value, "not JSON");
}

static void read_task(struct reader *reader, const struct terraform_resource *resource)
{
	static const struct spelling spellings[] = {
		{NULL, "requires_compatibilities", "requiresCompatibilities", true},
		{NULL, "network_mode", "networkMode", false},
		{NULL, "pid_mode", "pidMode", false},
		{NULL, "task_role_arn", "taskRoleArn", false},
		{NULL, "family", "family", false},
	};
	struct terraform_mapping mapping = terraform_mapping_new(reader->tree, resource->node);
	struct ecs_model *model = reader->model;
	struct ecs_task *task;

	add_all(reader, resource, &mapping, spellings, COUNT(spellings));
	terraform_mapping_add(&mapping, "containerDefinitions", definitions(reader, resource));
	model->tasks = memory_resize(model->tasks, model->task_count + 1, sizeof(*model->tasks));
	reader->tasks = memory_resize(reader->tasks, model->task_count + 1, sizeof(*reader->tasks));
	reader->tasks[model->task_count] = *resource;
	task = &model->tasks[model->task_count++];
	*task = (struct ecs_task){
		.name = resource->name,
		.arn = node_text(node_get(resource->values, "arn")),
		.anchor = resource->address,
	};
	ecs_task_read(&reader->source, mapping.builder.node, task);
	task->node = resource->node;
}

/* A block within deployment_configuration, of the provider's version 6.21 on. NULL: it is absent. */
static const struct node *shift(struct reader *reader, const struct terraform_resource *resource,
	const char *name, const char *const keys[][2])
{
	const struct node *outer = terraform_block(resource->values, "deployment_configuration");
	const struct node *block = terraform_block(outer, name);
	struct terraform_mapping mapping;

	if (!block)
		return NULL;
	mapping = terraform_mapping_new(reader->tree, block);
	for (; (*keys)[0]; keys++)
		terraform_mapping_add(&mapping, (*keys)[1], node_get(block, (*keys)[0]));
	return mapping.builder.node;
}

static const struct node *deployment(
	struct reader *reader, const struct terraform_resource *resource)
{
	static const struct spelling spellings[] = {
		{NULL, "deployment_maximum_percent", "maximumPercent", false},
		{NULL, "deployment_minimum_healthy_percent", "minimumHealthyPercent", false},
		{"deployment_configuration", "strategy", "strategy", false},
		{"deployment_configuration", "bake_time_in_minutes", "bakeTimeInMinutes", false},
	};
	static const struct spelling breaker[] = {
		{"deployment_circuit_breaker", "enable", "enable", false},
		{"deployment_circuit_breaker", "rollback", "rollback", false},
	};
	static const struct spelling alarms[] = {
		{"alarms", "enable", "enable", false},
		{"alarms", "rollback", "rollback", false},
		{"alarms", "alarm_names", "alarmNames", true},
	};
	static const char *const linear[][2] = {{"step_percent", "stepPercent"},
		{"step_bake_time_in_minutes", "stepBakeTimeInMinutes"}, {NULL, NULL}};
	static const char *const canary[][2] = {{"canary_percent", "canaryPercent"},
		{"canary_bake_time_in_minutes", "canaryBakeTimeInMinutes"}, {NULL, NULL}};
	struct terraform_mapping mapping = terraform_mapping_new(reader->tree, resource->node);

	add_all(reader, resource, &mapping, spellings, COUNT(spellings));
	terraform_mapping_add(&mapping, "linearConfiguration",
		shift(reader, resource, "linear_configuration", linear));
	terraform_mapping_add(&mapping, "canaryConfiguration",
		shift(reader, resource, "canary_configuration", canary));
	terraform_mapping_add(&mapping, "deploymentCircuitBreaker",
		part(reader, resource, breaker, COUNT(breaker)));
	terraform_mapping_add(&mapping, "alarms", part(reader, resource, alarms, COUNT(alarms)));
	return mapping.builder.node;
}

/* capacity_provider_strategy[] */
static const struct node *providers(
	struct reader *reader, const struct terraform_resource *resource)
{
	const struct node *list = node_get(resource->values, "capacity_provider_strategy");
	const struct node *items[16];
	size_t count = 0;

	for (const struct node *at = node_first(list); at && count < COUNT(items); at = at->next) {
		struct terraform_mapping item = terraform_mapping_new(reader->tree, at);

		terraform_mapping_add(&item, "capacityProvider", node_get(at, "capacity_provider"));
		items[count++] = item.builder.node;
	}
	return count > 0 ? terraform_list_new(reader->tree, list, items, count) : NULL;
}

static void read_service(struct reader *reader, const struct terraform_resource *resource)
{
	static const struct spelling spellings[] = {
		{NULL, "desired_count", "desiredCount", false},
		{NULL, "health_check_grace_period_seconds", "healthCheckGracePeriodSeconds", false},
		{NULL, "launch_type", "launchType", false},
		{NULL, "availability_zone_rebalancing", "availabilityZoneRebalancing", false},
		{NULL, "scheduling_strategy", "schedulingStrategy", false},
	};
	static const struct spelling controller[] = {
		{"deployment_controller", "type", "type", false},
	};
	struct terraform_mapping mapping = terraform_mapping_new(reader->tree, resource->node);
	struct ecs_model *model = reader->model;
	struct ecs_service *service;

	add_all(reader, resource, &mapping, spellings, COUNT(spellings));
	terraform_mapping_add(&mapping, "deploymentController",
		part(reader, resource, controller, COUNT(controller)));
	terraform_mapping_add(&mapping, "deploymentConfiguration", deployment(reader, resource));
	terraform_mapping_add(&mapping, "capacityProviderStrategy", providers(reader, resource));
	model->services =
		memory_resize(model->services, model->service_count + 1, sizeof(*model->services));
	reader->services = memory_resize(
		reader->services, model->service_count + 1, sizeof(*reader->services));
	reader->services[model->service_count] = *resource;
	service = &model->services[model->service_count++];
	*service = (struct ecs_service){.name = resource->name, .anchor = resource->address};
	ecs_service_read(&reader->source, mapping.builder.node, service);
	service->node = resource->node;
}

/* An attribute that ELB has in a list of its own. */
static const struct node *attribute(struct reader *reader,
	const struct terraform_resource *resource, const char *from, const char *key)
{
	const struct spelling spelling = {NULL, from, NULL, false};
	const struct node *value = value_of(reader, resource, &spelling);
	struct terraform_mapping item;

	if (!value)
		return NULL;
	item = terraform_mapping_new(reader->tree, value);
	terraform_mapping_add(&item, "Key", terraform_text_new(reader->tree, value, key));
	terraform_mapping_add(&item, "Value", value);
	return item.builder.node;
}

static void read_group(struct reader *reader, const struct terraform_resource *resource)
{
	static const struct spelling spellings[] = {
		{NULL, "protocol", "Protocol", false},
		{NULL, "protocol_version", "ProtocolVersion", false},
		{NULL, "target_type", "TargetType", false},
		{NULL, "port", "Port", false},
		{"health_check", "interval", "HealthCheckIntervalSeconds", false},
		{"health_check", "timeout", "HealthCheckTimeoutSeconds", false},
		{"health_check", "healthy_threshold", "HealthyThresholdCount", false},
		{"health_check", "unhealthy_threshold", "UnhealthyThresholdCount", false},
		{"health_check", "path", "HealthCheckPath", false},
		{"health_check", "protocol", "HealthCheckProtocol", false},
	};
	const struct node *const attributes[] = {
		attribute(reader, resource, "deregistration_delay",
			"deregistration_delay.timeout_seconds"),
		attribute(reader, resource, "slow_start", "slow_start.duration_seconds"),
		attribute(reader, resource, "connection_termination",
			"deregistration_delay.connection_termination.enabled"),
	};
	struct terraform_mapping mapping = terraform_mapping_new(reader->tree, resource->node);
	struct ecs_model *model = reader->model;
	struct ecs_target_group *group;

	add_all(reader, resource, &mapping, spellings, COUNT(spellings));
	terraform_mapping_add(&mapping, "TargetGroupAttributes",
		terraform_list_new(reader->tree, resource->node, attributes, COUNT(attributes)));
	model->target_groups = memory_resize(
		model->target_groups, model->target_group_count + 1, sizeof(*model->target_groups));
	reader->groups = memory_resize(
		reader->groups, model->target_group_count + 1, sizeof(*reader->groups));
	reader->groups[model->target_group_count] = *resource;
	group = &model->target_groups[model->target_group_count++];
	*group = (struct ecs_target_group){
		.name = resource->name,
		.arn = node_text(node_get(resource->values, "arn")),
		.anchor = resource->address,
	};
	ecs_target_group_read(&reader->target_source, mapping.builder.node, group);
	group->node = resource->node;
	group->default_healthy = 3; /* the provider's, where ELB has 5 and 2 */
	group->default_unhealthy = 3;
}

static void read_balancer(struct reader *reader, const struct terraform_resource *resource)
{
	static const struct spelling spellings[] = {
		{NULL, "idle_timeout", "idleTimeout", false},
		{NULL, "client_keep_alive", "clientKeepAlive", false},
	};
	struct terraform_mapping mapping = terraform_mapping_new(reader->tree, resource->node);
	struct ecs_model *model = reader->model;

	add_all(reader, resource, &mapping, spellings, COUNT(spellings));
	model->balancers = memory_resize(
		model->balancers, model->balancer_count + 1, sizeof(*model->balancers));
	model->balancers[model->balancer_count++] = (struct ecs_balancer){
		.node = resource->node,
		.name = resource->name,
		.anchor = resource->address,
		.is_network =
			node_has_text(node_get(resource->values, "load_balancer_type"), "network"),
		.idle_timeout = source_value(&reader->source, mapping.builder.node, "IdleTimeout"),
		.client_keep_alive =
			source_value(&reader->source, mapping.builder.node, "ClientKeepAlive"),
	};
}

static void read_resource(void *data, const struct terraform_resource *resource)
{
	static const struct {
		const char *type;
		void (*read)(struct reader *reader, const struct terraform_resource *resource);
	} types[] = {
		{"aws_ecs_task_definition", read_task},
		{"aws_ecs_service", read_service},
		{"aws_lb_target_group", read_group},
		{"aws_alb_target_group", read_group},
		{"aws_lb", read_balancer},
		{"aws_alb", read_balancer},
	};

	for (size_t i = 0; i < COUNT(types); i++) {
		if (strcmp(types[i].type, resource->type) == 0)
			types[i].read(data, resource);
	}
}

static bool is_named(const struct node *value, const char *arn)
{
	return arn && node_has_text(value, arn);
}

static void join_task(struct reader *reader, size_t at)
{
	const struct terraform_resource *from = &reader->services[at];
	const struct node *value = node_get(from->values, "task_definition");
	const struct node *expression = node_get(from->expressions, "task_definition");
	struct ecs_service *service = &reader->model->services[at];

	for (size_t i = 0; i < reader->model->task_count && !service->task; i++) {
		const struct node *family = node_get(reader->tasks[i].values, "family");

		if (is_named(value, reader->model->tasks[i].arn) ||
			is_named(value, node_text(family)) ||
			terraform_refers_to(from, expression, &reader->tasks[i]))
			service->task = &reader->model->tasks[i];
	}
}

static const struct ecs_target_group *find_group(struct reader *reader,
	const struct terraform_resource *from, const struct node *block, size_t place)
{
	const struct node *blocks = node_get(from->expressions, "load_balancer");
	const struct node *expression =
		node_get(node_is(blocks, NODE_SEQUENCE) ? node_item(blocks, place) : blocks,
			"target_group_arn");

	for (size_t i = 0; i < reader->model->target_group_count; i++) {
		if (is_named(node_get(block, "target_group_arn"),
			    reader->model->target_groups[i].arn) ||
			terraform_refers_to(from, expression, &reader->groups[i]))
			return &reader->model->target_groups[i];
	}
	return NULL;
}

static void join_load_balancers(struct reader *reader, size_t at)
{
	const struct terraform_resource *from = &reader->services[at];
	const struct node *list = node_get(from->values, "load_balancer");
	struct ecs_service *service = &reader->model->services[at];
	struct ecs_load_balancer *balancers =
		arena_alloc(reader->arena, (node_count(list) + 1) * sizeof(*balancers));
	size_t count = 0;

	for (const struct node *item = node_first(list); item; item = item->next, count++) {
		const char *container = node_text(node_get(item, "container_name"));

		balancers[count] = (struct ecs_load_balancer){
			.node = node_resolve(item),
			.container = container ? container : "",
			.target_group = find_group(reader, from, item, count),
		};
	}
	service->load_balancers = balancers;
	service->load_balancer_count = count;
	service->has_more_load_balancers = terraform_is_unknown(from, NULL, "load_balancer");
}

void terraform_read_ecs(struct tree *tree, const struct node *root, struct arena *arena,
	struct ecs_model *ret_model)
{
	struct reader reader = {
		.tree = tree,
		.arena = arena,
		.source = {.arena = arena, .is_camel = true},
		.target_source = {.arena = arena},
		.model = ret_model,
	};

	*ret_model = (struct ecs_model){0};
	terraform_each(root, arena, read_resource, &reader);
	for (size_t i = 0; i < ret_model->service_count; i++) {
		join_task(&reader, i);
		join_load_balancers(&reader, i);
	}
	free(reader.tasks);
	free(reader.services);
	free(reader.groups);
}

/* SPDX-License-Identifier: MIT */
#include "plan/model/terraform_parts.h"

#include "plan/model/ecs_parts.h"
#include "plan/model/terraform_spelling.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A block within deployment_configuration, of the provider's version 6.21 on. NULL: it is absent. */
static const struct node *shift(struct terraform_reader *reader,
	const struct terraform_resource *resource, const char *name, const char *const keys[][2])
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
	struct terraform_reader *reader, const struct terraform_resource *resource)
{
	static const struct terraform_spelling spellings[] = {
		{NULL, "deployment_maximum_percent", "maximumPercent", false},
		{NULL, "deployment_minimum_healthy_percent", "minimumHealthyPercent", false},
		{"deployment_configuration", "strategy", "strategy", false},
		{"deployment_configuration", "bake_time_in_minutes", "bakeTimeInMinutes", false},
	};
	static const struct terraform_spelling breaker[] = {
		{"deployment_circuit_breaker", "enable", "enable", false},
		{"deployment_circuit_breaker", "rollback", "rollback", false},
	};
	static const struct terraform_spelling alarms[] = {
		{"alarms", "enable", "enable", false},
		{"alarms", "alarm_names", "alarmNames", true},
	};
	static const char *const linear[][2] = {{"step_percent", "stepPercent"},
		{"step_bake_time_in_minutes", "stepBakeTimeInMinutes"}, {NULL, NULL}};
	static const char *const canary[][2] = {{"canary_percent", "canaryPercent"},
		{"canary_bake_time_in_minutes", "canaryBakeTimeInMinutes"}, {NULL, NULL}};
	struct terraform_mapping mapping = terraform_mapping_new(reader->tree, resource->node);

	terraform_mapping_add_all(&mapping, resource, spellings, COUNT(spellings));
	terraform_mapping_add(&mapping, "linearConfiguration",
		shift(reader, resource, "linear_configuration", linear));
	terraform_mapping_add(&mapping, "canaryConfiguration",
		shift(reader, resource, "canary_configuration", canary));
	terraform_mapping_add(&mapping, "deploymentCircuitBreaker",
		terraform_part(reader->tree, resource, breaker, COUNT(breaker)));
	terraform_mapping_add(
		&mapping, "alarms", terraform_part(reader->tree, resource, alarms, COUNT(alarms)));
	return mapping.builder.node;
}

/* capacity_provider_strategy[] */
static const struct node *providers(
	struct terraform_reader *reader, const struct terraform_resource *resource)
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

void terraform_service_read(
	struct terraform_reader *reader, const struct terraform_resource *resource)
{
	static const struct terraform_spelling spellings[] = {
		{NULL, "desired_count", "desiredCount", false},
		{NULL, "health_check_grace_period_seconds", "healthCheckGracePeriodSeconds", false},
		{NULL, "launch_type", "launchType", false},
		{NULL, "availability_zone_rebalancing", "availabilityZoneRebalancing", false},
		{NULL, "scheduling_strategy", "schedulingStrategy", false},
	};
	static const struct terraform_spelling controller[] = {
		{"deployment_controller", "type", "type", false},
	};
	struct terraform_mapping mapping = terraform_mapping_new(reader->tree, resource->node);
	struct ecs_model *model = reader->model;
	struct ecs_service *service;

	terraform_mapping_add_all(&mapping, resource, spellings, COUNT(spellings));
	terraform_mapping_add(&mapping, "deploymentController",
		terraform_part(reader->tree, resource, controller, COUNT(controller)));
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

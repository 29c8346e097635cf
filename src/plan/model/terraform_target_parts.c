/* SPDX-License-Identifier: MIT */
#include "plan/model/terraform_parts.h"

#include "plan/model/ecs_parts.h"
#include "plan/model/terraform_spelling.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* An attribute that ELB has in a list of its own. */
static const struct node *attribute(struct terraform_reader *reader,
	const struct terraform_resource *resource, const char *from, const char *key)
{
	const struct terraform_spelling spelling = {NULL, from, NULL, false};
	const struct node *value = terraform_value(reader->tree, resource, &spelling);
	struct terraform_mapping item;

	if (!value)
		return NULL;
	item = terraform_mapping_new(reader->tree, value);
	terraform_mapping_add(&item, "Key", terraform_text_new(reader->tree, value, key));
	terraform_mapping_add(&item, "Value", value);
	return item.builder.node;
}

void terraform_target_group_read(
	struct terraform_reader *reader, const struct terraform_resource *resource)
{
	static const struct terraform_spelling spellings[] = {
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

	terraform_mapping_add_all(&mapping, resource, spellings, COUNT(spellings));
	terraform_mapping_add(&mapping, "TargetGroupAttributes",
		terraform_list_new(reader->tree, resource->node, attributes, COUNT(attributes)));
	model->target_groups = memory_resize(
		model->target_groups, model->target_group_count + 1, sizeof(*model->target_groups));
	reader->target_groups = memory_resize(reader->target_groups, model->target_group_count + 1,
		sizeof(*reader->target_groups));
	reader->target_groups[model->target_group_count] = *resource;
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

void terraform_balancer_read(
	struct terraform_reader *reader, const struct terraform_resource *resource)
{
	static const struct terraform_spelling spellings[] = {
		{NULL, "idle_timeout", "idleTimeout", false},
	};
	struct terraform_mapping mapping = terraform_mapping_new(reader->tree, resource->node);
	struct ecs_model *model = reader->model;

	terraform_mapping_add_all(&mapping, resource, spellings, COUNT(spellings));
	model->balancers = memory_resize(
		model->balancers, model->balancer_count + 1, sizeof(*model->balancers));
	model->balancers[model->balancer_count++] = (struct ecs_balancer){
		.node = resource->node,
		.name = resource->address, /* "this" is a name that many have */
		.anchor = resource->address,
		.is_network =
			node_has_text(node_get(resource->values, "load_balancer_type"), "network"),
		.idle_timeout = source_value(&reader->source, mapping.builder.node, "IdleTimeout"),
	};
}

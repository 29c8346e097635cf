/* SPDX-License-Identifier: MIT */
#include "plan/model/terraform.h"

#include "plan/model/terraform_parts.h"

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

static void keep_scaling(struct terraform_reader *reader, const struct terraform_resource *resource)
{
	if (!node_has_text(
		    node_get(resource->values, "scalable_dimension"), "ecs:service:DesiredCount"))
		return;
	reader->scalings = memory_resize(
		reader->scalings, reader->scaling_count + 1, sizeof(*reader->scalings));
	reader->scalings[reader->scaling_count++] = *resource;
}

static void read_resource(void *data, const struct terraform_resource *resource)
{
	static const struct {
		const char *type;
		void (*read)(
			struct terraform_reader *reader, const struct terraform_resource *resource);
	} types[] = {
		{"aws_ecs_task_definition", terraform_task_read},
		{"aws_ecs_service", terraform_service_read},
		{"aws_lb_target_group", terraform_target_group_read},
		{"aws_alb_target_group", terraform_target_group_read},
		{"aws_lb", terraform_balancer_read},
		{"aws_alb", terraform_balancer_read},
		{"aws_appautoscaling_target", keep_scaling},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (strcmp(types[i].type, resource->type) == 0)
			types[i].read(data, resource);
	}
}

static bool is_named(const struct node *value, const char *arn)
{
	return arn && node_has_text(value, arn);
}

static void join_task(struct terraform_reader *reader, size_t at)
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

static const struct ecs_target_group *find_group(struct terraform_reader *reader,
	const struct terraform_resource *from, const struct node *block, size_t place)
{
	const struct node *blocks = node_get(from->expressions, "load_balancer");
	const struct node *expression =
		node_get(node_is(blocks, NODE_SEQUENCE) ? node_item(blocks, place) : blocks,
			"target_group_arn");

	for (size_t i = 0; i < reader->model->target_group_count; i++) {
		if (is_named(node_get(block, "target_group_arn"),
			    reader->model->target_groups[i].arn) ||
			terraform_refers_to(from, expression, &reader->target_groups[i]))
			return &reader->model->target_groups[i];
	}
	return NULL;
}

static void join_load_balancers(struct terraform_reader *reader, size_t at)
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

/* resource_id is service/CLUSTER/NAME, or an expression with the service's name. */
static bool scales(
	const struct terraform_resource *scaling, const struct terraform_resource *service)
{
	const char *id = node_text(node_get(scaling->values, "resource_id"));
	const char *slash = id ? strrchr(id, '/') : NULL;

	if (slash && node_has_text(node_get(service->values, "name"), slash + 1))
		return true;
	return terraform_refers_to(scaling, node_get(scaling->expressions, "resource_id"), service);
}

/* Service Auto Scaling keeps so many tasks at least. */
static void join_scaling(struct terraform_reader *reader, const struct terraform_resource *scaling)
{
	const struct node *node = node_get(scaling->values, "min_capacity");
	const struct value least = {.state = VALUE_KNOWN, .text = node_text(node), .node = node};
	int64_t count, desired;

	if (!node_text(node) || !value_number(&least, &count))
		return;
	for (size_t i = 0; i < reader->model->service_count; i++) {
		struct value *value = &reader->model->services[i].desired;

		if (scales(scaling, &reader->services[i]) && value_number_or(value, 0, &desired) &&
			desired < count)
			*value = least;
	}
}

void terraform_read_ecs(struct tree *tree, const struct node *root, struct arena *arena,
	struct ecs_model *ret_model)
{
	struct terraform_reader reader = {
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
	for (size_t i = 0; i < reader.scaling_count; i++)
		join_scaling(&reader, &reader.scalings[i]);
	free(reader.scalings);
	free(reader.tasks);
	free(reader.services);
	free(reader.target_groups);
}

/* SPDX-License-Identifier: MIT */
#include "plan/model/terraform_parts.h"

#include "plan/document/json_reader.h"
#include "plan/model/ecs_parts.h"
#include "plan/model/terraform_spelling.h"

#include <string.h>

enum { MAX_EMBEDDED_BYTES = 64 << 20 }; /* of all definitions together */

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The definitions are JSON in a string. */
static const struct node *definitions(
	struct terraform_reader *reader, const struct terraform_resource *resource)
{
	const struct terraform_spelling spelling = {NULL, "container_definitions", NULL, true};
	const struct node *value = terraform_value(reader->tree, resource, &spelling);
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

void terraform_task_read(struct terraform_reader *reader, const struct terraform_resource *resource)
{
	static const struct terraform_spelling spellings[] = {
		{NULL, "requires_compatibilities", "requiresCompatibilities", true},
		{NULL, "pid_mode", "pidMode", false},
		{NULL, "task_role_arn", "taskRoleArn", false},
		{NULL, "family", "family", false},
	};
	struct terraform_mapping mapping = terraform_mapping_new(reader->tree, resource->node);
	struct ecs_model *model = reader->model;
	struct ecs_task *task;

	terraform_mapping_add_all(&mapping, resource, spellings, COUNT(spellings));
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

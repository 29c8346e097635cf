/* SPDX-License-Identifier: MIT */
#include "plan/cli/time_ecs.h"

#include "host/core/clean_text.h"
#include "plan/model/ecs_inputs.h"
#include "plan/model/ecs_join.h"

#include <string.h>

#define PROBLEM_BYTES 512
#define TASKS_SHOWN 4

static bool runs(const struct ecs_model *model, const struct ecs_task *task)
{
	for (size_t i = 0; i < model->service_count; i++) {
		if (model->services[i].task == task)
			return true;
	}
	return false;
}

static bool is_named(const struct file_list *files, const char *file)
{
	for (size_t i = 0; i < files->count; i++) {
		if (files->files[i].path == file)
			return files->files[i].is_named;
	}
	return false;
}

static const char *task_name(const struct ecs_service *service)
{
	return ecs_task_short_name(node_text(node_get(service->node, "taskDefinition")));
}

/* A service may mean this one: the ones to name in a message. */
static bool is_candidate(
	const struct ecs_service *service, const struct ecs_task *task, const char *name)
{
	return service->task_matches < 2 || !name || ecs_task_match(task, name) > 0;
}

static void add_tasks(
	struct text *text, const struct ecs_model *model, const struct ecs_service *service)
{
	const char *name = node_text(node_get(service->node, "taskDefinition"));
	size_t shown = 0;

	for (size_t i = 0; i < model->task_count; i++) {
		const struct ecs_task *task = &model->tasks[i];
		const char *revision = ecs_task_revision(task);

		if (!is_candidate(service, task, name))
			continue;
		if (shown == TASKS_SHOWN) {
			text_add(text, ", ...");
			return;
		}
		text_printf(text, "%s%s%s%s (%s)", shown++ > 0 ? ", " : "", task->name,
			revision ? ":" : "", revision ? revision : "", task->origin.file);
	}
}

/* Names come from documents, and the line goes to a terminal. */
static const char *clean_copy(struct arena *arena, const char *line)
{
	char clean[CLEAN_TEXT_BYTES(PROBLEM_BYTES)];

	(void)clean_text(clean, sizeof clean, line);
	return arena_copy(arena, clean, strlen(clean));
}

static const char *problem_of(
	struct arena *arena, const struct ecs_model *model, const struct ecs_service *service)
{
	const char *name = task_name(service);
	char line[PROBLEM_BYTES];
	struct text text;

	text_init(&text, line, sizeof line);
	text_printf(&text, "%s: service '%s' ", service->origin.file, service->name);
	if (service->task_matches > 1 && name)
		text_printf(&text, "runs task definition '%s', and several fit: ", name);
	else if (name)
		text_printf(&text, "runs task definition '%s', and no file has it: ", name);
	else
		text_add(&text, "has no taskDefinition that names one of these: ");
	add_tasks(&text, model, service);
	return clean_copy(arena, line);
}

static bool has_service(const struct ecs_model *model, const struct ecs_origin *origin)
{
	for (size_t i = 0; i < model->service_count; i++) {
		if (!model->services[i].origin.file ||
			model->services[i].origin.file == origin->file)
			return true;
	}
	return false;
}

/* Whether a file was given for a task definition that no service runs. */
static bool has_needless_task(const struct ecs_model *model, const struct file_list *files)
{
	for (size_t i = 0; i < model->task_count; i++) {
		const struct ecs_task *task = &model->tasks[i];

		if (!has_service(model, &task->origin) && !runs(model, task) &&
			is_named(files, task->origin.file))
			return true;
	}
	return false;
}

/* Attributes that were given, and that are no target group's. */
static const char *problem_of_attributes(
	struct arena *arena, const struct ecs_model *model, const struct file_list *files)
{
	for (size_t i = 0; i < model->target_group_count; i++) {
		const struct ecs_target_group *group = &model->target_groups[i];

		if (group->is_partial && !group->is_joined && !has_service(model, &group->origin) &&
			is_named(files, group->origin.file))
			return arena_printf(arena,
				"%s: attributes do not name their target group; give one target "
				"group "
				"beside them, or --deregistration-delay instead",
				group->origin.file);
	}
	return NULL;
}

void time_ecs_check(
	struct time_document *document, struct ecs_model *model, const struct file_list *files)
{
	const bool is_needless = has_needless_task(model, files);
	const char *attributes = problem_of_attributes(&document->arena, model, files);

	for (size_t i = 0; i < model->service_count; i++) {
		struct ecs_service *service = &model->services[i];
		const bool is_ambiguous = service->task_matches > 1 && task_name(service) &&
					  is_named(files, service->origin.file);

		service->problem = attributes;
		if (!service->task && (is_needless || is_ambiguous))
			service->problem = problem_of(&document->arena, model, service);
	}
}

static const char *file_of(const struct ecs_origin *origin, const char *file)
{
	return origin->file ? origin->file : file;
}

/* A service was refused because it may run this one, too. */
static bool is_one_of_several(const struct ecs_model *model, const struct ecs_task *task)
{
	for (size_t i = 0; i < model->service_count; i++) {
		const struct ecs_service *service = &model->services[i];
		const char *name = node_text(node_get(service->node, "taskDefinition"));

		if (service->problem && service->task_matches > 1 && name &&
			ecs_task_match(task, name) > 0)
			return true;
	}
	return false;
}

void time_ecs_add(struct time_document *document, const struct ecs_model *model, const char *file,
	enum plan_spelling spelling)
{
	for (size_t i = 0; i < model->service_count; i++) {
		const struct ecs_service *service = &model->services[i];
		struct plan_inputs inputs = {.spelling = spelling, .problem = service->problem};

		ecs_inputs_add_service(service, file, &inputs);
		time_document_keep(document, &inputs, file_of(&service->origin, file));
	}
	for (size_t i = 0; i < model->task_count; i++) {
		const struct ecs_task *task = &model->tasks[i];
		struct plan_inputs inputs = {.spelling = spelling};

		if (has_service(model, &task->origin) || runs(model, task) ||
			is_one_of_several(model, task))
			continue;
		ecs_inputs_add_task(task, file, &inputs);
		time_document_keep(document, &inputs, file_of(&task->origin, file));
	}
}

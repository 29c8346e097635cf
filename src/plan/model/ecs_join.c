/* SPDX-License-Identifier: MIT */
#include "plan/model/ecs_join.h"

#include "plan/document/nearness.h"

#include <string.h>

enum { MATCH_NONE, MATCH_FAMILY, MATCH_REVISION, MATCH_ARN };

/* "web:3" of arn:aws:ecs:…:task-definition/web:3. */
const char *ecs_task_short_name(const char *name)
{
	const char *slash = name ? strrchr(name, '/') : NULL;

	return slash ? slash + 1 : name;
}

const char *ecs_task_revision(const struct ecs_task *task)
{
	const char *name = ecs_task_short_name(task->arn);
	const char *colon = name ? strchr(name, ':') : NULL;

	return colon ? colon + 1 : node_text(node_get(task->node, "revision"));
}

/* Of two ARNs: "arn:aws:ecs:REGION:ACCOUNT:task-definition" is in front of the name. */
static bool may_be_of_one_account(const char *a, const char *b)
{
	const char *end = strrchr(a, '/'), *other_end = strrchr(b, '/');

	return !end || !other_end ||
	       (end - a == other_end - b && memcmp(a, b, (size_t)(end - a)) == 0);
}

unsigned ecs_task_match(const struct ecs_task *task, const char *name)
{
	const char *wanted = ecs_task_short_name(name), *revision = ecs_task_revision(task);
	const char *family = task->arn ? ecs_task_short_name(task->arn) : task->name;
	const size_t len = strcspn(wanted, ":");

	if (task->arn && strcmp(task->arn, name) == 0)
		return MATCH_ARN;
	if (task->arn && !may_be_of_one_account(task->arn, name))
		return MATCH_NONE;
	if (strcspn(family, ":") != len || strncmp(family, wanted, len) != 0)
		return MATCH_NONE;
	if (wanted[len] == '\0' || !revision)
		return MATCH_FAMILY;
	return strcmp(revision, wanted + len + 1) == 0 ? MATCH_REVISION : MATCH_NONE;
}

static void join_named_task(struct ecs_model *model, struct ecs_service *service, const char *name)
{
	unsigned best = 0;

	for (size_t i = 0; i < model->task_count; i++) {
		struct ecs_task *task = &model->tasks[i];
		const unsigned match = ecs_task_match(task, name);
		const unsigned rank = match * NEARNESS_COUNT +
				      nearness_of(task->origin.file, service->origin.file);

		if (match == MATCH_NONE || rank < best)
			continue;
		service->task_matches = rank == best ? service->task_matches + 1 : 1;
		service->task = task;
		best = rank;
	}
	if (service->task_matches > 1)
		service->task = NULL;
}

/* Whether the load balancers of the service could reach the task's containers. */
static bool has_containers(const struct ecs_task *task, const struct ecs_service *service)
{
	for (size_t i = 0; i < service->load_balancer_count; i++) {
		const char *name = service->load_balancers[i].container;
		const struct ecs_container *container = ecs_task_container(task, name);

		if (!container || (*name && strcmp(container->name, name) != 0))
			return false;
	}
	return true;
}

static void join_only_task(struct ecs_model *model, struct ecs_service *service)
{
	struct ecs_task *only = NULL;

	for (size_t i = 0; i < model->service_count; i++) {
		if (&model->services[i] != service && nearness_of(model->services[i].origin.file,
							      service->origin.file) != ELSEWHERE)
			return;
	}
	for (size_t i = 0; i < model->task_count; i++) {
		if (nearness_of(model->tasks[i].origin.file, service->origin.file) == ELSEWHERE)
			continue;
		service->task_matches++;
		only = &model->tasks[i];
	}
	if (service->task_matches == 1 && has_containers(only, service))
		service->task = only;
}

struct ecs_target_group *ecs_find_target_group(const struct ecs_model *model, const char *arn)
{
	for (size_t i = 0; arn && i < model->target_group_count; i++) {
		if (model->target_groups[i].arn && strcmp(model->target_groups[i].arn, arn) == 0)
			return &model->target_groups[i];
	}
	return NULL;
}

/* The only target group of the folder that has, or has not, its attributes alone; NULL: none, or several. */
static struct ecs_target_group *only_group(
	const struct ecs_model *model, const struct ecs_origin *origin, bool is_partial)
{
	struct ecs_target_group *only = NULL;

	for (size_t i = 0; i < model->target_group_count; i++) {
		struct ecs_target_group *group = &model->target_groups[i];

		if (group->is_partial != is_partial ||
			nearness_of(group->origin.file, origin->file) == ELSEWHERE)
			continue;
		if (only)
			return NULL;
		only = group;
	}
	return only;
}

static void join_attributes(const struct ecs_model *model, struct ecs_target_group *list)
{
	struct ecs_target_group *group = only_group(model, &list->origin, false);

	if (!group || group->attributes || only_group(model, &list->origin, true) != list)
		return;
	group->attributes = list->attributes;
	group->attributes_origin = list->origin;
	group->has_more_attributes = list->has_more_attributes;
	group->deregistration_delay = list->deregistration_delay;
	group->slow_start = list->slow_start;
	group->connection_termination = list->connection_termination;
	list->is_joined = true;
}

void ecs_join(struct ecs_model *model)
{
	for (size_t i = 0; i < model->service_count; i++) {
		struct ecs_service *service = &model->services[i];
		const char *name = node_text(node_get(service->node, "taskDefinition"));

		if (name)
			join_named_task(model, service, name);
		else
			join_only_task(model, service);
	}
	for (size_t i = 0; i < model->target_group_count; i++) {
		if (model->target_groups[i].is_partial)
			join_attributes(model, &model->target_groups[i]);
	}
}

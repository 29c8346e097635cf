/* SPDX-License-Identifier: MIT */
#include "plan/model/ecs_model.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_CHAIN = 20, MAX_VISITS = 10000 };

struct ecs_container *ecs_task_container(const struct ecs_task *task, const char *name)
{
	for (size_t i = 0; i < task->container_count; i++) {
		if (*name && strcmp(task->containers[i].name, name) == 0)
			return &task->containers[i];
	}
	return task->container_count == 1 ? &task->containers[0] : NULL;
}

bool ecs_container_ends_first(const struct ecs_task *task, const struct ecs_container *container)
{
	for (size_t i = 0; i < task->container_count; i++) {
		const struct ecs_container *other = &task->containers[i];

		for (size_t j = 0; j < other->dependency_count; j++) {
			if (other->dependencies[j].waits_for_end &&
				strcmp(other->dependencies[j].container, container->name) == 0)
				return true;
		}
	}
	return false;
}

static const struct ecs_container *find_container(const struct ecs_task *task, const char *name)
{
	for (size_t i = 0; i < task->container_count; i++) {
		if (strcmp(task->containers[i].name, name) == 0)
			return &task->containers[i];
	}
	return NULL;
}

/* Adds the longest sum from a container down to what it depends on. */
static bool add_chain(const struct ecs_task *task, const struct ecs_container *container, int depth,
	int *visits, int64_t *sum)
{
	int64_t own, longest = 0;

	if (!value_number_or(&container->stop_timeout, ECS_STOP_TIMEOUT_S, &own) ||
		depth > MAX_CHAIN || ++*visits > MAX_VISITS)
		return false;
	for (size_t i = 0; i < container->dependency_count; i++) {
		const struct ecs_dependency *dependency = &container->dependencies[i];
		const struct ecs_container *next = find_container(task, dependency->container);
		int64_t seconds = 0;

		if (next && !dependency->waits_for_end &&
			!add_chain(task, next, depth + 1, visits, &seconds))
			return false;
		longest = seconds > longest ? seconds : longest;
	}
	*sum += own + longest;
	return true;
}

bool ecs_stop_chain(
	const struct ecs_task *task, const struct ecs_container *container, int64_t *ret_seconds)
{
	int visits = 0;

	*ret_seconds = 0;
	return task->container_count <= MAX_CHAIN &&
	       add_chain(task, container, 0, &visits, ret_seconds);
}

/* How long a container may take to stop, with those that it depends on. */
static int64_t stop_seconds(const struct ecs_task *task, const struct ecs_container *container)
{
	int64_t seconds;

	if (!ecs_stop_chain(task, container, &seconds) &&
		!value_number_or(&container->stop_timeout, ECS_STOP_TIMEOUT_S, &seconds))
		seconds = ECS_STOP_TIMEOUT_S;
	return seconds;
}

const struct ecs_container *ecs_slowest_stop(const struct ecs_task *task, int64_t *ret_seconds)
{
	const struct ecs_container *slowest = NULL;
	int64_t most = -1;

	for (size_t i = 0; i < task->container_count; i++) {
		const struct ecs_container *container = &task->containers[i];
		const int64_t seconds = stop_seconds(task, container);

		if (ecs_container_ends_first(task, container) || seconds <= most)
			continue;
		most = seconds;
		slowest = container;
	}
	if (slowest)
		*ret_seconds = most;
	return slowest;
}

bool ecs_target_group_is_network(const struct ecs_target_group *group)
{
	static const char *const protocols[] = {"TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"};

	for (size_t i = 0; i < sizeof(protocols) / sizeof(*protocols); i++) {
		if (value_is(&group->protocol, protocols[i]))
			return true;
	}
	return false;
}

bool ecs_service_is_external(const struct ecs_service *service)
{
	return value_is(&service->launch_type, "EXTERNAL") ||
	       (service->task && service->task->is_external);
}

bool ecs_task_is_fargate(const struct ecs_model *model, const struct ecs_task *task)
{
	bool is_fargate = task->is_fargate && !task->is_elsewhere;

	for (size_t i = 0; i < model->service_count; i++)
		is_fargate |= model->services[i].task == task && model->services[i].is_fargate;
	return is_fargate;
}

bool ecs_task_is_on_instances(const struct ecs_model *model, const struct ecs_task *task)
{
	bool is_elsewhere = task->is_elsewhere;

	for (size_t i = 0; i < model->service_count; i++) {
		const struct ecs_service *service = &model->services[i];

		is_elsewhere |= service->task == task && value_is_known(&service->launch_type) &&
				!value_is(&service->launch_type, "FARGATE");
	}
	return is_elsewhere;
}

void ecs_model_done(struct ecs_model *model)
{
	free(model->tasks);
	free(model->services);
	free(model->target_groups);
	free(model->balancers);
	*model = (struct ecs_model){0};
}

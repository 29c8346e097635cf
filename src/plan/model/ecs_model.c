/* SPDX-License-Identifier: MIT */
#include "plan/model/ecs_model.h"

#include <stdlib.h>
#include <string.h>

struct ecs_container *ecs_task_container(const struct ecs_task *task, const char *name)
{
	for (size_t i = 0; i < task->container_count; i++) {
		if (*name && strcmp(task->containers[i].name, name) == 0)
			return &task->containers[i];
	}
	return task->container_count == 1 ? &task->containers[0] : NULL;
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

bool ecs_task_is_fargate(const struct ecs_model *model, const struct ecs_task *task)
{
	bool is_fargate = task->is_fargate && !task->is_elsewhere;

	for (size_t i = 0; i < model->service_count; i++)
		is_fargate |= model->services[i].task == task && model->services[i].is_fargate;
	return is_fargate;
}

void ecs_model_done(struct ecs_model *model)
{
	free(model->tasks);
	free(model->services);
	free(model->target_groups);
	free(model->balancers);
	*model = (struct ecs_model){0};
}

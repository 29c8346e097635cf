/* SPDX-License-Identifier: MIT */
/* Joins what the ECS API has apart: a service with its task definition, a target group with its attributes. */
#pragma once

#include "plan/model/ecs_model.h"

/* A service means the task definition of its `taskDefinition`: that ARN, else that family and revision, else
 * that family where one of them has no revision (RegisterTaskDefinition). Of several, those of its own file
 * and then of its own folder have precedence. Where two are left the service has none, and counts them. A
 * service without `taskDefinition` (ecspresso) has the only task definition of its folder.
 * Attributes name no target group: a list of them belongs to the only target group of its folder. */
void ecs_join(struct ecs_model *model);

/* How well a service's `taskDefinition` fits a task definition; 0: not. */
unsigned ecs_task_match(const struct ecs_task *task, const char *name);

/* By its ARN; NULL: not in the model. */
struct ecs_target_group *ecs_find_target_group(const struct ecs_model *model, const char *arn);

/* family:revision of a name or an ARN, and of a task definition its revision; NULL: none is known. */
const char *ecs_task_short_name(const char *name);
const char *ecs_task_revision(const struct ecs_task *task);

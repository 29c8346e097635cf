/* SPDX-License-Identifier: MIT */
/* Reads the parts of an ECS model out of a template's properties or the API's JSON, which name them alike. */
#pragma once

#include "plan/model/setting_source.h"

/* Each is given the mapping that holds the settings, and fills the rest; names and anchors are the caller's. */
void ecs_task_read(
	const struct setting_source *source, const struct node *from, struct ecs_task *ret_task);

/* The task, target groups and load balancers are joined by the caller. */
void ecs_service_read(const struct setting_source *source, const struct node *from,
	struct ecs_service *ret_service);

/* The names of target groups are spelled alike in both. */
void ecs_target_group_read(const struct setting_source *source, const struct node *from,
	struct ecs_target_group *ret_target_group);

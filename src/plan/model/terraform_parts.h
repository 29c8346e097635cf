/* SPDX-License-Identifier: MIT */
/* Readers of one resource of Terraform each, which becomes a part of the model of Amazon ECS. */
#pragma once

#include "plan/model/ecs_model.h"
#include "plan/model/setting_source.h"
#include "plan/model/terraform_tree.h"

struct terraform_reader {
	struct tree *tree;
	struct arena *arena;
	struct setting_source source, target_source; /* ECS spells its names, and so does ELB */
	struct ecs_model *model;
	size_t embedded_bytes; /* of all container definitions so far */
	struct terraform_resource *tasks, *services, *target_groups; /* of the model's parts */
	struct terraform_resource *scalings; /* aws_appautoscaling_target */
	size_t scaling_count;
};

/* Each adds one part to the model, which is not joined to the others yet. */
void terraform_task_read(
	struct terraform_reader *reader, const struct terraform_resource *resource);
void terraform_service_read(
	struct terraform_reader *reader, const struct terraform_resource *resource);
void terraform_target_group_read(
	struct terraform_reader *reader, const struct terraform_resource *resource);
void terraform_balancer_read(
	struct terraform_reader *reader, const struct terraform_resource *resource);

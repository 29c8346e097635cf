/* SPDX-License-Identifier: MIT */
/* The workloads of an ECS model. */
#pragma once

#include "plan/cli/time_workloads.h"
#include "plan/lint/file_list.h"
#include "plan/model/ecs_model.h"

/* Gives a problem to each service that cannot be computed as the user means it: two task definitions fit, or
 * none does although one was named (in `files`) that no service runs. */
void time_ecs_check(
	struct time_document *document, struct ecs_model *model, const struct file_list *files);

/* Adds the services, and the task definitions that no service runs and whose file has no service. `file` is
 * that of parts that name none. */
void time_ecs_add(struct time_document *document, const struct ecs_model *model, const char *file,
	enum plan_spelling spelling);

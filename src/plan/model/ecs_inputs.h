/* SPDX-License-Identifier: MIT */
/* What a document says of the time of a service's deployment on ECS. */
#pragma once

#include "plan/core/plan_inputs.h"
#include "plan/model/ecs_model.h"

/* Sets what the document gives; what it leaves out, or leaves to the deployment, stays as it is. Places are in
 * `file`, or in those that the parts name. */
void ecs_inputs_add_service(
	const struct ecs_service *service, const char *file, struct plan_inputs *inputs);

/* The same of a task definition without a service. */
void ecs_inputs_add_task(const struct ecs_task *task, const char *file, struct plan_inputs *inputs);

/* SPDX-License-Identifier: MIT */
/* What a compose file says of the time of a service's update in Swarm. */
#pragma once

#include "plan/core/plan_inputs.h"
#include "plan/model/compose.h"

/* Sets what the file gives; what it leaves out, or leaves to the environment, stays as it is. */
void swarm_inputs_add(const struct compose_model *model, const struct compose_service *service,
	struct plan_inputs *inputs);

/* SPDX-License-Identifier: MIT */
/* Computes a deployment as a whole. */
#pragma once

#include "plan/core/time_plan.h"

/* Computes all of the plan from its inputs, which this completes. */
void time_plan_make(struct time_plan *plan);

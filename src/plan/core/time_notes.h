/* SPDX-License-Identifier: MIT */
/* What a user may not expect of a deployment. */
#pragma once

#include "plan/core/time_plan.h"

/* Fills the plan's notes from its inputs and its bounds. */
void time_notes_make(struct time_plan *plan);

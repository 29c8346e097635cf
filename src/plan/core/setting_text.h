/* SPDX-License-Identifier: MIT */
/* Settings of ECS as the user's own document spells them. */
#pragma once

#include "plan/core/plan_inputs.h"

/* `"maximumPercent": 200` for PLAN_MAX_PERCENT and PLAN_MIN_PERCENT. */
void setting_text_add_percent(
	struct text *text, enum plan_spelling spelling, enum plan_input input, int64_t percent);

/* The circuit breaker, with rollback. */
const char *setting_text_breaker(enum plan_spelling spelling);

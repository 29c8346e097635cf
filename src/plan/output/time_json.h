/* SPDX-License-Identifier: MIT */
/* What `lastcall-plan time` computed, as JSON: docs/plan.schema.json. */
#pragma once

#include "plan/core/time_plan.h"

#include <stdio.h>

#define TIME_JSON_SCHEMA "lastcall.plan/1"

/* Returns 0 or -errno. */
int time_json_write(const struct time_plan *plan, FILE *out);

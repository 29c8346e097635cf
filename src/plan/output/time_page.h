/* SPDX-License-Identifier: MIT */
/* What `lastcall-plan time` prints for people: the answer, why, and what shortens it. */
#pragma once

#include "host/terminal.h"
#include "plan/core/time_plan.h"

void time_page_write(const struct time_plan *plan, const struct terminal *terminal, FILE *out);

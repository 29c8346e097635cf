/* SPDX-License-Identifier: MIT */
/* Which values a deployment was computed from, by where they came from. */
#pragma once

#include "plan/core/time_plan.h"

#include <stdio.h>

void time_values_write(const struct time_plan *plan, FILE *out);

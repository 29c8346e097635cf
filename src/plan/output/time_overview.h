/* SPDX-License-Identifier: MIT */
/* The services of a document side by side, a line each. */
#pragma once

#include "plan/core/time_plan.h"

#include <stdio.h>

void time_overview_begin(FILE *out);
/* is_ambiguous: another service has the same name, and the file distinguishes them. */
void time_overview_add(const struct time_plan *plan, bool is_ambiguous, FILE *out);

/* longest: the name of the service whose page follows. */
void time_overview_end(const char *longest, FILE *out);

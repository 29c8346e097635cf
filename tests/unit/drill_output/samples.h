/* SPDX-License-Identifier: MIT */
/* Drills made by hand, of every shape that an output has to show. */
#pragma once

#include "drill/core/drill_result.h"

#define SAMPLE_HUGE_ATTEMPTS 100000
#define SAMPLE_HUGE_FAILURES 3

/* "passed", "failed", "all_failed", "inconclusive", "interrupted", "no_runs", "no_attempts",
 * "one_attempt", "hostile", "huge", "motley", and then NULL. */
const char *sample_name(size_t index);

/* NULL: no such sample. */
struct drill_result *sample_new(const char *name);
void sample_free(struct drill_result *result);

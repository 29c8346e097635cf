/* SPDX-License-Identifier: MIT */
/* The drill as JUnit XML, as GitLab, Jenkins, Azure and Buildkite read it: a test case a threshold, and
 * one that is an error when the drill was inconclusive. */
#pragma once

#include "drill/core/drill_result.h"

#include <stdio.h>

/* system_out is what the whole suite has to say, or NULL. */
void junit_write(const struct drill_result *result, const char *system_out, FILE *out);

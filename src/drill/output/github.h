/* SPDX-License-Identifier: MIT */
/* What GitHub Actions shows of a step: annotations, the job summary, outputs. */
#pragma once

#include "drill/core/drill_result.h"

#include <stdio.h>

/* GitHub keeps ten of each kind for a step and drops the rest: the tenth says how many more there are.
 * The runner reads them from standard output and standard error. */
void github_annotations_write(const struct drill_result *result, FILE *out);

/* Appends the Markdown to the file that $GITHUB_STEP_SUMMARY names. What would make it larger than
 * GitHub takes would cost all of it: then nothing is added, and -EFBIG returned. Else 0 or -errno. */
int github_summary_append(const struct drill_result *result, const char *path);

/* Appends verdict, failed_checks, cut and stop_p95_s to the file that $GITHUB_OUTPUT names. Returns 0
 * or -errno. */
int github_output_append(const struct drill_result *result, const char *path);

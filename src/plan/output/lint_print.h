/* SPDX-License-Identifier: MIT */
/* Findings in the formats of --format. */
#pragma once

#include "plan/lint/lint_result.h"

#include "host/terminal.h"

#include <stdio.h>

/* For people: grouped by file, the summary last. */
void lint_print_text(const struct lint_result *result, const struct terminal *terminal, FILE *out);

/* docs/lint.schema.json. Returns 0, -ENOMEM or the -errno of the file. */
int lint_print_json(const struct lint_result *result, FILE *out);

/* SARIF 2.1.0 (OASIS). Returns 0, -ENOMEM or the -errno of the file. */
int lint_print_sarif(const struct lint_result *result, const char *version, FILE *out);

/* Workflow commands of GitHub Actions, then the summary. */
void lint_print_github(const struct lint_result *result, FILE *out);

/* "2 errors and 1 warning in 1 of 3 files" */
void lint_print_summary(const struct lint_result *result, FILE *out);

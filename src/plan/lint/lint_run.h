/* SPDX-License-Identifier: MIT */
/* Reads files, finds what is wrong in them, and leaves out what is not to be shown. */
#pragma once

#include "plan/lint/file_list.h"
#include "plan/lint/lint_filter.h"
#include "plan/lint/lint_result.h"

struct lint_request {
	const struct file_list *files;
	const struct check_settings *settings;
	size_t max_bytes; /* of a file */
	const char *const *ignores; /* that lint_ignore_is_valid accepts */
	size_t ignore_count;
	struct baseline *baseline; /* NULL: none */
};

/* Returns 0, or -EINVAL (-errno where a named file cannot be opened) with one line in *error: a file that was
 * named and is no document that lint knows. */
int lint_run(
	const struct lint_request *request, struct lint_result *ret_result, struct text *error);
void lint_result_done(struct lint_result *result);

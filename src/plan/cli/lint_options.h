/* SPDX-License-Identifier: MIT */
/* What `lastcall-plan lint` was asked for. */
#pragma once

#include "core/text/text.h"
#include "plan/rules/rule.h"

#include <stdbool.h>

enum { LINT_MAX_OPTIONS = 256, LINT_HELP_BYTES = 8192 };

enum lint_format { LINT_TEXT, LINT_JSON, LINT_SARIF, LINT_GITHUB };

struct lint_options {
	bool help;
	enum lint_format format;
	enum severity fail_on;
	const char *ignores[LINT_MAX_OPTIONS];
	size_t ignore_count;
	const char *baseline, *write_baseline; /* NULL: not given */
	const char *reports[LINT_MAX_OPTIONS];
	size_t report_count;
	bool has_image_list, image_has_lastcall, image_has_curl, image_has_shell;
	bool is_stack; /* compose files are for docker stack deploy */
	size_t max_bytes;
	char *const *paths; /* the rest of argv */
	int path_count;
};

/* argv[0] is the subcommand's name. Returns 0, or -EINVAL with one line in *ret_error. */
int lint_options_parse(
	int argc, char *argv[], struct lint_options *ret_options, struct text *ret_error);

void lint_options_write_help(struct text *text);

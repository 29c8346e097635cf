/* SPDX-License-Identifier: MIT */
/* What `lastcall-plan time` was asked for. */
#pragma once

#include "core/text/text.h"
#include "plan/core/plan_inputs.h"

#define TIME_MAX_FILES 64
#define TIME_HELP_BYTES 12288

struct time_options {
	bool help, json;
	bool has_platform;
	enum plan_platform platform;
	char *const *documents; /* paths, or "-" */
	int document_count;
	const char *service; /* which service or workload of the documents; NULL: the only one */
	const char *reports[TIME_MAX_FILES];
	unsigned report_count;
	const char *deployments; /* a path, or "-"; NULL: not given */
	unsigned percentile; /* 1 to 100 */
	const char *svg, *png; /* a path, or "-"; NULL: not asked for */
	struct plan_value values[PLAN_INPUT_COUNT]; /* PLAN_OPTION where given, else PLAN_UNSET */
};

/* argv[0] is the subcommand's name. Returns 0, or -EINVAL with one line in *ret_error that names the option,
 * its value and the accepted form. Strings point into argv. */
int time_options_parse(
	int argc, char *argv[], struct time_options *ret_options, struct text *ret_error);

/* Whether each option that was given has an effect on a deployment of this kind. Returns 0, or -EINVAL with one
 * line in *ret_error. */
int time_options_check(const struct time_options *options, const struct plan_inputs *inputs,
	struct text *ret_error);

void time_options_write_help(struct text *text);

/* SPDX-License-Identifier: MIT */
/* What `lastcall-plan init` was asked for. */
#pragma once

#include "core/text/text.h"
#include "plan/core/fragment.h"

#define INIT_HELP_BYTES 4096

struct init_options {
	bool help;
	struct fragment fragment;
};

/* argv[0] is the subcommand's name. Returns 0, or -EINVAL with one line in *ret_error that names the option,
 * its value and the accepted form. Strings point into argv. */
int init_options_parse(
	int argc, char *argv[], struct init_options *ret_options, struct text *ret_error);

void init_options_write_help(struct text *text);

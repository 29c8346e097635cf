/* SPDX-License-Identifier: MIT */
/* The command line of lastcall-drill: one table of options feeds the parser and --help. */
#pragma once

#include "core/text/text.h"
#include "drill/cli/drill_options.h"

/* Reads the command line; strings are kept, not copied. Returns 0, or -EINVAL with one line in *error.
 * Whether the options make sense together is looked at, too, unless help or version is asked for. */
int drill_options_parse(
	int argc, char *argv[], struct drill_options *ret_options, struct text *error);

#define DRILL_HELP_BYTES 16384
void drill_options_write_help(struct text *text);

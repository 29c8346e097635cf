/* SPDX-License-Identifier: MIT */
/* The options of compare and report, which are the same. */
#pragma once

#include <stdbool.h>

struct subcommand_options {
	bool help, json;
	char *const *files;
	int file_count;
};

/* argv[0] is the subcommand's name. Returns 0, or -EINVAL where there is an option that neither has. */
int subcommand_options_parse(int argc, char *argv[], struct subcommand_options *ret_options);

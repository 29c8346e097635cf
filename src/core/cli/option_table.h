/* SPDX-License-Identifier: MIT */
/* The options, one row each: the parser, --help, --check and the environment all read this table, and a
 * test holds the man page against it. */
#pragma once

#include "core/cli/option_values.h"

/* How --help groups the options, in this order. */
enum option_group {
	GROUP_STOP,
	GROUP_IN_FLIGHT,
	GROUP_HEALTH,
	GROUP_SIGNALS,
	GROUP_OUTPUT,
	GROUP_PROCESSES,
	GROUP_QUESTIONS,
	GROUP_COUNT,
};

struct option_row {
	const char *
		name; /* after `--`; the environment variable is LASTCALL_ and the name in capitals */
	const char *metavar; /* NULL: a flag; in brackets: the value may be left out */
	option_set_fn *set;
	uint16_t field; /* the value's offset in struct options */
	char letter; /* 0: none */
	uint8_t group; /* enum option_group */
	const char *initial; /* the default, parsed as if it had been given; NULL: none */
	const char *
		initial_text; /* shown in place of initial: a default that is computed; NULL: initial */
	const char *
		form; /* what the option accepts, for an error message; NULL: what every flag does */
	const char *help;
};

extern const struct option_row option_rows[OPTION_COUNT];

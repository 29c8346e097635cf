/* SPDX-License-Identifier: MIT */
/* An option's entry in --help, the same in all our programs. */
#pragma once

#include "core/text/text.h"

struct option_help {
	char letter; /* 0: none */
	const char *name, *metavar; /* metavar NULL or "": a switch; "[=URL]": may be left out */
	const char *help, *initial; /* initial, in brackets; NULL or "": nothing to say */
};

/* Two columns, 80 wide; lines are broken between words. */
void option_help_write(struct text *text, const struct option_help *entry);

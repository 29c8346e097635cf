/* SPDX-License-Identifier: MIT */
/* The page of `lastcall --help`, from the table of options. */
#pragma once

#include "core/text/text.h"

void options_write_help(struct text *text);
#define OPTIONS_HELP_BYTES 16384

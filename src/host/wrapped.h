/* SPDX-License-Identifier: MIT */
/* Words on lines of some width. A word that is wider stays whole, so that it can be copied. */
#pragma once

#include <stdio.h>

/* Writes the text, which has no line breaks, with its newline. The first line begins behind what stands in
 * `first` columns already; the others are indented by `indent`. Tones of terminal_tone have no width. */
void wrapped_write_to(
	FILE *out, const char *text, unsigned first, unsigned indent, unsigned columns);

/* The same for 80 columns. */
void wrapped_write(FILE *out, const char *text, unsigned first, unsigned indent);

/* SPDX-License-Identifier: MIT */
/* Words on lines of 80 columns. */
#pragma once

#include <stdio.h>

/* Writes the text, which has no line breaks, with its newline. The first line begins behind what stands in
 * `first` columns already; the others are indented by `indent`. */
void wrapped_write(FILE *out, const char *text, unsigned first, unsigned indent);

/* SPDX-License-Identifier: MIT */
/* What can be shown where people read: colours, glyphs, width. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct terminal {
	bool is_live; /* a terminal: what was written can be written over */
	bool has_colour;
	bool has_unicode;
	bool breaks_lines; /* at the columns, which are no guess */
	unsigned columns;
};

/* Polls at the file, NO_COLOR (no-color.org), TERM, LC_ALL, LC_CTYPE, LANG and COLUMNS. */
struct terminal terminal_of(FILE *file);

/* Where a line of text ends: in a terminal, which would break it within words. UINT_MAX: a file or a pipe, for
 * whose readers lines stay whole. */
unsigned terminal_line_end(const struct terminal *terminal);

enum tone { TONE_PLAIN, TONE_BOLD, TONE_FAINT, TONE_GOOD, TONE_BAD, TONE_WARN, TONE_COUNT };

/* The sequence that begins a tone, or TONE_PLAIN again; "" where there is no colour. */
const char *terminal_tone(const struct terminal *terminal, enum tone tone);

/* SPDX-License-Identifier: MIT */
#include "host/wrapped.h"

#include <stdbool.h>
#include <string.h>

#define COLUMNS 80

/* Letters, not bytes, and nothing of the sequences that begin and end a tone. */
static unsigned width_of(const char *word, size_t len)
{
	unsigned width = 0;
	bool is_sequence = false;

	for (size_t i = 0; i < len; i++) {
		is_sequence |= word[i] == '\033';
		width += !is_sequence && (word[i] & 0xC0) != 0x80;
		is_sequence &= word[i] != 'm';
	}
	return width;
}

void wrapped_write_to(
	FILE *out, const char *text, unsigned first, unsigned indent, unsigned columns)
{
	unsigned column = first;
	bool is_first = true;

	while (*text != '\0') {
		const size_t len = strcspn(text, " ");
		const unsigned width = width_of(text, len);

		if (!is_first && column + 1 + width > columns) {
			(void)fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!is_first) {
			(void)fputc(' ', out);
			column++;
		}
		(void)fwrite(text, 1, len, out);
		column += width;
		text += len;
		text += *text == ' ';
		is_first = false;
	}
	(void)fputc('\n', out);
}

void wrapped_write(FILE *out, const char *text, unsigned first, unsigned indent)
{
	wrapped_write_to(out, text, first, indent, COLUMNS);
}

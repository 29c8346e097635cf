/* SPDX-License-Identifier: MIT */
#include "plan/output/wrapped.h"

#include <string.h>

#define COLUMNS 80

/* Letters, not bytes. */
static unsigned width_of(const char *word, size_t len)
{
	unsigned width = 0;

	for (size_t i = 0; i < len; i++)
		width += (word[i] & 0xC0) != 0x80;
	return width;
}

void wrapped_write(FILE *out, const char *text, unsigned first, unsigned indent)
{
	unsigned column = first;
	int is_first = 1;

	while (*text != '\0') {
		const size_t len = strcspn(text, " ");
		const unsigned width = width_of(text, len);

		if (!is_first && column + 1 + width > COLUMNS) {
			(void)fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!is_first) {
			(void)fputc(' ', out);
			column++;
		}
		(void)fwrite(text, 1, len, out);
		column += width;
		text += len + strspn(text + len, " ");
		is_first = 0;
	}
	(void)fputc('\n', out);
}

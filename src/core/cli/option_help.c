/* SPDX-License-Identifier: MIT */
#include "core/cli/option_help.h"

#include <string.h>

#define HELP_COLUMN 28
#define HELP_WIDTH 80

/* Adds words from the help column on, breaking lines between them. */
static void add_wrapped(struct text *text, const char *words, size_t *column)
{
	while (*words != '\0') {
		size_t len = strcspn(words, " ");

		if (*column > HELP_COLUMN && *column + 1 + len > HELP_WIDTH) {
			text_printf(text, "\n%*s", HELP_COLUMN, "");
			*column = HELP_COLUMN;
		} else if (*column > HELP_COLUMN) {
			text_add(text, " ");
			(*column)++;
		}
		text_add_bytes(text, words, len);
		*column += len;
		words += len + strspn(words + len, " ");
	}
}

/* One option's entry: its forms, its help, and its default in brackets. */
void option_help_write(struct text *text, const struct option_help *entry)
{
	size_t start = text->len, column = HELP_COLUMN;

	if (entry->letter != 0)
		text_printf(text, "  -%c, --%s", entry->letter, entry->name);
	else
		text_printf(text, "      --%s", entry->name);
	if (entry->metavar != NULL && entry->metavar[0] != '\0')
		text_printf(text, "%s%s", entry->metavar[0] == '[' ? "" : "=", entry->metavar);
	if (text->len - start >= HELP_COLUMN)
		text_printf(text, "\n%*s", HELP_COLUMN, "");
	else
		text_printf(text, "%*s", (int)(HELP_COLUMN - (text->len - start)), "");
	add_wrapped(text, entry->help, &column);
	if (entry->initial != NULL && entry->initial[0] != '\0') {
		char bytes[128];
		struct text initial;

		text_init(&initial, bytes, sizeof bytes);
		text_printf(&initial, "[%s]", entry->initial);
		add_wrapped(text, bytes, &column);
	}
	text_add(text, "\n");
}

/* SPDX-License-Identifier: MIT */
#include "host/markup.h"

#include "host/core/clean_text.h"

#include <string.h>

#define TEXT_BYTES CLEAN_TEXT_BYTES(1024)

/* Writes the text with some characters replaced. entities has one for each of special. */
static void put_replaced(
	FILE *out, const char *text, const char *special, const char *const *entities)
{
	char clean[TEXT_BYTES];

	for (const char *s = clean_text(clean, sizeof(clean), text); *s != '\0';) {
		const size_t plain = strcspn(s, special);

		fwrite(s, 1, plain, out);
		s += plain;
		if (*s != '\0')
			fputs(entities[strchr(special, *s++) - special], out);
	}
}

void markup_xml(FILE *out, const char *text)
{
	static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};

	put_replaced(out, text, "&<>\"'", entities);
}

/* As HTML entities and not with backslashes, which code spans and tables read differently. */
void markup_markdown(FILE *out, const char *text)
{
	static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&#124;", "&#96;", "&#42;",
		"&#95;", "&#91;", "&#93;", "&#35;", "&#126;", "&#92;", "&#64;"};

	put_replaced(out, text, "&<>|`*_[]#~\\@", entities);
}

void markup_label(FILE *out, const char *text)
{
	static const char *const escapes[] = {"\\\\", "\\\""};

	put_replaced(out, text, "\\\"", escapes);
}

/* The command's own escapes (actions/toolkit, command.ts): a property has two more than a message. */
void markup_github_command(FILE *out, const char *command, const char *title, const char *message)
{
	static const char *const entities[] = {"%25", "%3A", "%2C"};

	fprintf(out, "::%s title=", command);
	put_replaced(out, title, "%:,", entities);
	fputs("::", out);
	for (const char *line = message; *line != '\0';) {
		const size_t len = strcspn(line, "\n");
		char one[1024];

		snprintf(one, sizeof(one), "%.*s", (int)len, line);
		put_replaced(out, one, "%", entities);
		line += len;
		if (*line == '\n') {
			fputs("%0A", out);
			line++;
		}
	}
	fputc('\n', out);
}

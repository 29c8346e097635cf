/* SPDX-License-Identifier: MIT */
#include "core/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

void text_init(struct text *text, char *buf, size_t cap)
{
	*text = (struct text){.buf = buf, .cap = cap};
	if (cap > 0)
		buf[0] = '\0';
}

void text_add_bytes(struct text *text, const char *bytes, size_t len)
{
	size_t room = text->cap > text->len ? text->cap - text->len - 1 : 0;

	if (len > room) {
		len = room;
		text->truncated = true;
	}
	if (text->cap == 0)
		return;
	memcpy(text->buf + text->len, bytes, len);
	text->len += len;
	text->buf[text->len] = '\0';
}

void text_add(struct text *text, const char *string)
{
	text_add_bytes(text, string, strlen(string));
}

void text_printf(struct text *text, const char *format, ...)
{
	size_t room = text->cap - text->len;
	va_list args;
	int wanted;

	va_start(args, format);
	wanted = vsnprintf(text->buf + text->len, room, format, args);
	va_end(args);
	if (wanted < 0)
		return;
	if ((size_t)wanted >= room) {
		text->truncated = true;
		wanted = room > 0 ? (int)room - 1 : 0;
	}
	text->len += (size_t)wanted;
}

/* Length of the valid UTF-8 sequence at s (RFC 3629: no overlong forms, no surrogates, nothing past
 * U+10FFFF), or 0. Reads no further than the terminating NUL, for a NUL continues nothing. */
static size_t utf8_sequence(const unsigned char *s)
{
	unsigned char lowest = 0x80, highest = 0xBF;
	size_t len;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xC2 && s[0] <= 0xDF)
		len = 2;
	else if (s[0] >= 0xE0 && s[0] <= 0xEF)
		len = 3;
	else if (s[0] >= 0xF0 && s[0] <= 0xF4)
		len = 4;
	else
		return 0;
	if (s[0] == 0xE0)
		lowest = 0xA0;
	else if (s[0] == 0xF0)
		lowest = 0x90;
	else if (s[0] == 0xED)
		highest = 0x9F;
	else if (s[0] == 0xF4)
		highest = 0x8F;
	if (s[1] < lowest || s[1] > highest)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if (s[i] < 0x80 || s[i] > 0xBF)
			return 0;
	}
	return len;
}

void text_add_json(struct text *text, const char *string)
{
	const unsigned char *s = (const unsigned char *)string;

	text_add(text, "\"");
	while (*s != '\0') {
		size_t len = utf8_sequence(s);

		if (len == 0) {
			text_add(text, "\xEF\xBF\xBD");
			len = 1;
		} else if (*s == '"' || *s == '\\') {
			text_printf(text, "\\%c", *s);
		} else if (*s == '\n') {
			text_add(text, "\\n");
		} else if (*s == '\t') {
			text_add(text, "\\t");
		} else if (*s < 0x20 || *s == 0x7F) {
			text_printf(text, "\\u%04x", (unsigned)*s);
		} else {
			text_add_bytes(text, (const char *)s, len);
		}
		s += len;
	}
	text_add(text, "\"");
}

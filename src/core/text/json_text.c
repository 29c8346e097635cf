/* SPDX-License-Identifier: MIT */
#include "core/text/json_text.h"

size_t text_utf8_sequence(const unsigned char *s)
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
	while (*s != '\0' && !text->truncated) {
		size_t len = text_utf8_sequence(s);

		if (len == 0) {
			text_add(text, "\xEF\xBF\xBD");
			len = 1;
		} else if (*s == '"' || *s == '\\') {
			text_add_char(text, '\\');
			text_add_char(text, (char)*s);
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

/* SPDX-License-Identifier: MIT */
#include "host/core/clean_text.h"

#include "core/text/json_text.h"
#include <stdbool.h>
#include <string.h>

static const char replacement[] = "\xEF\xBF\xBD";

static bool is_space(unsigned char c)
{
	return c == '\n' || c == '\r' || c == '\t';
}

/* C0, DEL, C1, and the two that are no characters at all (U+FFFE, U+FFFF). */
static bool is_control(const unsigned char *s, size_t len)
{
	if (len == 1)
		return s[0] < 0x20 || s[0] == 0x7F;
	return (s[0] == 0xC2 && s[1] < 0xA0) || (s[0] == 0xEF && s[1] == 0xBF && s[2] >= 0xBE);
}

const char *clean_text(char *ret_clean, size_t cap, const char *raw)
{
	const unsigned char *s = (const unsigned char *)raw;
	struct text text;

	text_init(&text, ret_clean, cap);
	while (*s != '\0') {
		const size_t len = text_utf8_sequence(s), whole = text.len;

		if (is_space(*s))
			text_add(&text, " ");
		else if (len == 0 || is_control(s, len))
			text_add(&text, replacement);
		else
			text_add_bytes(&text, (const char *)s, len);
		if (text.truncated) {
			text_cut(&text, whole);
			break;
		}
		s += len > 0 ? len : 1;
	}
	return ret_clean;
}

void text_mark_cut(struct text *text)
{
	static const char ellipsis[] = "\xE2\x80\xA6";
	size_t len = text->len;

	if (!text->truncated || len < strlen(ellipsis))
		return;
	len -= strlen(ellipsis);
	while (len > 0 && ((unsigned char)text->buf[len] & 0xC0) == 0x80)
		len--; /* within a character */
	text_cut(text, len);
	text_add(text, ellipsis);
}

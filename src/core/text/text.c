/* SPDX-License-Identifier: MIT */
#include "core/text/text.h"

#include <assert.h>
#include <string.h>

void text_init(struct text *text, char *buf, size_t cap)
{
	*text = (struct text){.buf = buf, .cap = cap};
	if (cap > 0)
		buf[0] = '\0';
}

/* Bytes that still fit before the terminating NUL. */
static size_t room_left(const struct text *text)
{
	return text->cap > 0 ? text->cap - text->len - 1 : 0;
}

void text_add_bytes(struct text *text, const char *bytes, size_t len)
{
	size_t room = room_left(text);

	if (len > room) {
		len = room;
		text->truncated = true;
	}
	if (len == 0)
		return;
	memcpy(text->buf + text->len, bytes, len);
	text->len += len;
	text->buf[text->len] = '\0';
}

void text_add_char(struct text *text, char c)
{
	if (room_left(text) == 0) {
		text->truncated = true;
		return;
	}
	text->buf[text->len++] = c;
	text->buf[text->len] = '\0';
}

void text_add(struct text *text, const char *string)
{
	text_add_bytes(text, string, strlen(string));
}

void text_cut(struct text *text, size_t len)
{
	assert(len <= text->len);
	text->len = len;
	text->truncated = false;
	if (text->cap > 0)
		text->buf[len] = '\0';
}

/* SPDX-License-Identifier: MIT */
#include "drill/core/websocket_head.h"

#include "drill/core/response_reader.h"

#include <string.h>
#include <strings.h>

void websocket_head_start(struct websocket_head *head)
{
	head->stage = WEBSOCKET_HEAD_MORE;
	head->len = head->line = head->bytes = 0;
	head->is_cut = false;
	head->kept[0] = head->last = '\0';
}

/* The first line is that of the status. */
static bool is_wanted(const struct websocket_head *head)
{
	static const char *const names[] = {"Upgrade:", "Connection:", "Sec-WebSocket-Accept:"};
	const char *line = head->kept + head->line;

	if (head->line == 0)
		return true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strncasecmp(line, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

static void end_line(struct websocket_head *head, char before_last)
{
	size_t len = head->len - head->line;

	if (before_last != '\r')
		head->stage = WEBSOCKET_HEAD_BAD;
	else if (!head->is_cut && len == strlen("\r\n"))
		head->stage = WEBSOCKET_HEAD_WHOLE;
	else if (!head->is_cut && is_wanted(head))
		head->line = head->len;
	head->is_cut = false;
	if (head->stage == WEBSOCKET_HEAD_MORE) {
		head->len = head->line;
		head->kept[head->len] = '\0';
	}
}

static void take_byte(struct websocket_head *head, char byte)
{
	char before = head->last;

	head->last = byte;
	if (++head->bytes > RESPONSE_HEAD_BYTES || byte == '\0') {
		head->stage = WEBSOCKET_HEAD_BAD;
		return;
	}
	if (head->len < sizeof head->kept - 1) {
		head->kept[head->len++] = byte;
		head->kept[head->len] = '\0';
	} else {
		head->is_cut = true;
	}
	if (byte == '\n')
		end_line(head, before);
}

size_t websocket_head_take(struct websocket_head *head, const char *bytes, size_t len)
{
	size_t took = 0;

	while (took < len && head->stage == WEBSOCKET_HEAD_MORE)
		take_byte(head, bytes[took++]);
	return took;
}

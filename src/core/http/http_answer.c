/* SPDX-License-Identifier: MIT */
#include "core/http/http_answer.h"

#include "core/http/http_response.h"
#include "core/text/number.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#define LENGTH_MAX INT64_C(1000000000000000)

/* What the header says about the body. */
struct framing {
	int64_t length; /* below 0: it ends with the connection */
	bool is_coded;
};

/* The first place behind an empty line, or NULL. */
static const char *end_of_header(const char *bytes, size_t len)
{
	for (size_t i = 0; i + 4 <= len; i++) {
		if (memcmp(bytes + i, "\r\n\r\n", 4) == 0)
			return bytes + i + 4;
	}
	return NULL;
}

/* The value of a line NAME: VALUE, or NULL. The line ends at a CR, and is a part of `left` bytes. */
static const char *value_of(const char *line, size_t left, const char *name)
{
	size_t len = strlen(name);

	if (left <= len || strncasecmp(line, name, len) != 0)
		return NULL;
	for (line += len; *line == ' ' || *line == '\t'; line++)
		;
	return line;
}

/* Digits, and blanks up to the end of the line. Returns the number or -EBADMSG. */
static int64_t take_length(const char *value)
{
	int64_t length = number_take(&value, LENGTH_MAX);

	while (*value == ' ' || *value == '\t')
		value++;
	return length >= 0 && *value == '\r' ? length : -EBADMSG;
}

/* The header ends with an empty line, so that no line is read beyond its CR. Returns 0 or -EBADMSG. */
static int read_framing(const char *header, const char *end, struct framing *ret_framing)
{
	struct framing framing = {.length = -1};

	for (const char *line = header; line < end;) {
		const size_t left = (size_t)(end - line);
		const char *next = memchr(line, '\n', left);
		const char *length = value_of(line, left, "Content-Length:");

		if (length != NULL) {
			int64_t number = take_length(length);

			if (number < 0 || (framing.length >= 0 && framing.length != number))
				return -EBADMSG;
			framing.length = number;
		}
		framing.is_coded |= value_of(line, left, "Transfer-Encoding:") != NULL;
		line = next != NULL ? next + 1 : end;
	}
	*ret_framing = framing;
	return 0;
}

int http_answer_read(const char *bytes, size_t len, bool is_end, struct http_answer *ret_answer)
{
	int status = http_response_status(bytes, len);
	const char *body = status > 0 ? end_of_header(bytes, len) : NULL;
	struct framing framing;
	size_t body_len;

	if (status < 0 || (status > 0 && status < 200) || (body == NULL && is_end))
		return -EBADMSG;
	if (body == NULL)
		return 0;
	if (read_framing(bytes, body, &framing) < 0 || framing.is_coded)
		return -EBADMSG;
	body_len = len - (size_t)(body - bytes);
	if (framing.length >= 0 && body_len < (uint64_t)framing.length)
		return is_end ? -EBADMSG : 0;
	if (framing.length < 0 && !is_end)
		return 0;
	if (framing.length >= 0)
		body_len = (size_t)framing.length;
	*ret_answer = (struct http_answer){status, body, body_len};
	return 1;
}

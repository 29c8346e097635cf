/* SPDX-License-Identifier: MIT */
#include "core/http/http_response.h"

#include <errno.h>
#include <stdbool.h>

/* What may stand at each place: '0' is any digit, '5' a digit from 1 to 5, ';' the end of a status: a
 * space, or the line's end where the reason and its space are left out, as some servers do. */
static const char pattern[] = "HTTP/1.0 500;";
_Static_assert(sizeof pattern - 1 == HTTP_RESPONSE_STATUS_BYTES, "the pattern has another length");

static bool is_allowed(char byte, char wanted)
{
	switch (wanted) {
	case '0':
		return byte >= '0' && byte <= '9';
	case '5':
		return byte >= '1' && byte <= '5';
	case ';':
		return byte == ' ' || byte == '\r' || byte == '\n';
	default:
		return byte == wanted;
	}
}

int http_response_status(const char *buf, size_t len)
{
	for (size_t i = 0; i < len && i < HTTP_RESPONSE_STATUS_BYTES; i++) {
		if (!is_allowed(buf[i], pattern[i]))
			return -EBADMSG;
	}
	if (len < HTTP_RESPONSE_STATUS_BYTES)
		return 0;
	return (buf[9] - '0') * 100 + (buf[10] - '0') * 10 + (buf[11] - '0');
}

/* SPDX-License-Identifier: MIT */
/* A whole HTTP/1.x answer to a request of HTTP/1.0: the status and the body (RFC 9112 4, 6). The body's length is
 * that of Content-Length, or ends with the connection. A transfer coding is refused, because HTTP/1.0 has none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct http_answer {
	int status; /* 200 to 599 */
	const char *body; /* into the bytes, not terminated */
	size_t body_len;
};

/* Reads what has come so far; is_end: the server has closed the connection. Returns 1 with the whole answer, 0 when
 * more bytes are needed, or -EBADMSG: it is no such answer, or ended too early. */
int http_answer_read(const char *bytes, size_t len, bool is_end, struct http_answer *ret_answer);

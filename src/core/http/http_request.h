/* SPDX-License-Identifier: MIT */
/* The head of an HTTP/1.x request (RFC 9112), as much of it as a health endpoint needs. No
 * allocation, no state between calls: the caller keeps the bytes and asks again with more.
 *
 * Where the RFC lets a recipient be lenient, this one is strict, so that no proxy before it can see
 * other boundaries between requests than it does: lines end in CRLF (a bare LF is refused), single
 * spaces in the request line, no folded fields, no space before a colon, at most one Host and one
 * Content-Length. One empty line before the request is passed over (RFC 9112 2.2). Expect needs no
 * answer of its own, for there is never a body to wait for. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_OPTIONS, HTTP_OTHER };

struct http_request {
	enum http_method method;
	const char *path; /* as sent, without query; not terminated; into the caller's buffer, */
	size_t path_len; /* or a constant "/" where an absolute target has none; "*" with OPTIONS alone */
	bool keep_alive; /* as version and Connection say */
	bool accepts_openmetrics; /* and likes it no less than plain text (Accept, RFC 9110 12.5.1) */
};

#define HTTP_REQUEST_MAX_BYTES 8192

/* Parses one request head from the start of buf. Returns the bytes it took (> 0), 0 when more are
 * needed, or a negative HTTP status to answer before closing (-400, -413, -414, -431, -501, -505).
 * The verdict is the same however the bytes were cut into pieces, and after 0 it comes with the end
 * of a line or with the last of HTTP_REQUEST_MAX_BYTES: before that, asking again is wasted.
 * A request with a body (Content-Length > 0, Transfer-Encoding) is refused, so that nothing can be
 * smuggled behind it. */
int http_request_parse(const char *buf, size_t len, struct http_request *ret_request);

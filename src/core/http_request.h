/* SPDX-License-Identifier: MIT */
/* The head of an HTTP/1.x request (RFC 9112), as much of it as a health endpoint needs. No
 * allocation, no state between calls: the caller keeps the bytes and asks again with more. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_OTHER };

struct http_request {
	enum http_method method;
	const char *path; /* into the caller's buffer: without query, not terminated */
	size_t path_len;
	bool keep_alive; /* as version and Connection say */
};

#define HTTP_REQUEST_MAX_BYTES 8192

/* Parses one request head from the start of buf. Returns the bytes it took (> 0), 0 when more are
 * needed, or a negative HTTP status to answer before closing (-400, -413, -414, -431, -501, -505). A
 * request with a body (Content-Length > 0, Transfer-Encoding) is refused, so that nothing
 * can be smuggled behind it. */
int http_request_parse(const char *buf, size_t len, struct http_request *ret_request);

/* SPDX-License-Identifier: MIT */
/* The fields of a request in HTTP/2 (RFC 9113 8.2, 8.3), made of its head in HTTP/1.1. */
#pragma once

#include <nghttp2/nghttp2.h>

struct http2_fields {
	nghttp2_nv *list;
	size_t count;
	char *text; /* what the list points into */
};

/* head: lines that end with CRLF each, and an empty one. Host becomes :authority; fields of the connection are
 * left out (RFC 9113 8.2.2). Returns 0 or -ENOMEM; -EINVAL where it is no head. */
int http2_fields_new(const char *head, const char *scheme, struct http2_fields **ret_fields);
void http2_fields_free(struct http2_fields *fields);

/* SPDX-License-Identifier: MIT */
/* The answers of the health endpoint's connections, written with what the callbacks tell, and counted. */
#pragma once

#include "lastcall/http_shared.h"

/* Puts the answer into the buffer that all share, and returns its length. fd is the connection's: a process of
 * another container gets no status. */
size_t http_answers_compose(
	struct http_shared *shared, const struct http_request *request, int fd, bool *ret_is_last);

/* Adds the answer to the request that http2_health_take has announced. */
void http_answers_add_http2(
	struct http_shared *shared, struct http2_health *http2, struct text *out);

/* Counts an answer that is written elsewhere. */
void http_answers_count(struct http_shared *shared, int http_status, bool is_refusal);

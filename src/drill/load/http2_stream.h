/* SPDX-License-Identifier: MIT */
/* One stream of an HTTP/2 connection (RFC 9113 5.1): what of its request went out, what came, and how it
 * ended. Values alone: http2_conn tells it what happens. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes bytes of the response's body; returns false where they are not the expected ones. */
typedef bool http2_take_fn(void *user, const char *bytes, size_t len);

struct http2_stream {
	int32_t id; /* 0: not begun */
	const char *body; /* of the request */
	size_t body_len, body_sent;
	size_t allowance; /* bytes of the body that may go out by now */
	bool has_sent_head;
	bool is_paused; /* its body waits for an allowance */

	int status; /* the final one; 0: not known yet */
	int64_t content_length; /* -1: not said */
	int64_t body_bytes; /* that came */
	int64_t framed_bytes; /* the same with those that nghttp2 has refused */
	int grpc_status; /* -1: not said */
	bool has_retry_after;

	bool is_whole; /* END_STREAM, after a response that HTTP/2 allows */
	bool is_closed;
	bool was_reset; /* RST_STREAM of the server; after a whole response only with an error: some servers
			 * end a response that they give up with END_STREAM first */
	bool is_refused; /* the server has not worked on it and says so: REFUSED_STREAM, or a GOAWAY whose
			  * last stream is an earlier one (RFC 9113 6.8, 8.7) */
	bool is_bad; /* not the expected bytes */

	bool has_sent, has_received; /* since http2_stream_begin_step */
	http2_take_fn *take;
	void *user; /* of take */
};

void http2_stream_init(struct http2_stream *stream, const char *body, size_t body_len);
void http2_stream_begin_step(struct http2_stream *stream);

void http2_stream_on_field(struct http2_stream *stream, const char *name, size_t name_len,
	const char *value, size_t value_len);
void http2_stream_on_body(struct http2_stream *stream, const char *bytes, size_t len);

/* SPDX-License-Identifier: MIT */
#include "drill/load/http2_stream.h"

#include "drill/core/grpc_reader.h"

#include <string.h>

#define MAX_LENGTH_DIGITS 18

void http2_stream_init(struct http2_stream *stream, const char *body, size_t body_len)
{
	*stream = (struct http2_stream){
		.body = body, .body_len = body_len, .content_length = -1, .grpc_status = -1};
}

void http2_stream_begin_step(struct http2_stream *stream)
{
	stream->has_sent = stream->has_received = false;
}

static bool is_name(const char *name, size_t len, const char *expected)
{
	return strlen(expected) == len && memcmp(name, expected, len) == 0;
}

/* Digits alone; -1 for what is no number. */
static int64_t read_number(const char *value, size_t len)
{
	int64_t number = 0;

	if (len == 0 || len > MAX_LENGTH_DIGITS)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (value[i] < '0' || value[i] > '9')
			return -1;
		number = number * 10 + (value[i] - '0');
	}
	return number;
}

/* An interim response (RFC 9110 15.2) says nothing of the final one. */
void http2_stream_on_field(struct http2_stream *stream, const char *name, size_t name_len,
	const char *value, size_t value_len)
{
	if (is_name(name, name_len, ":status")) {
		int64_t status = read_number(value, value_len);

		if (status >= 200 && status <= 999)
			stream->status = (int)status;
	}
	if (stream->status == 0)
		return;
	stream->has_received = true;
	if (is_name(name, name_len, "content-length"))
		stream->content_length = read_number(value, value_len);
	else if (is_name(name, name_len, "retry-after"))
		stream->has_retry_after = true;
	else if (is_name(name, name_len, "grpc-status"))
		stream->grpc_status = grpc_status_parse(value, value_len);
}

void http2_stream_on_body(struct http2_stream *stream, const char *bytes, size_t len)
{
	stream->has_received = true;
	stream->body_bytes += (int64_t)len;
	if (!stream->is_bad && !stream->take(stream->user, bytes, len))
		stream->is_bad = true;
}

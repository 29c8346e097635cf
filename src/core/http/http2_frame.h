/* SPDX-License-Identifier: MIT */
/* The frames of HTTP/2 (RFC 9113 4 and 6) that the health endpoint sends. Each function writes whole frames. */
#pragma once

#include "core/text/text.h"

enum http2_frame_type {
	HTTP2_DATA,
	HTTP2_HEADERS,
	HTTP2_PRIORITY,
	HTTP2_RST_STREAM,
	HTTP2_SETTINGS,
	HTTP2_PUSH_PROMISE,
	HTTP2_PING,
	HTTP2_GOAWAY,
	HTTP2_WINDOW_UPDATE,
	HTTP2_CONTINUATION,
	HTTP2_FRAME_TYPE_COUNT,
};

enum http2_flag {
	HTTP2_ACK = 0x1,
	HTTP2_END_STREAM = 0x1,
	HTTP2_END_HEADERS = 0x4,
	HTTP2_PADDED = 0x8,
	HTTP2_HAS_PRIORITY = 0x20,
};

enum http2_setting {
	HTTP2_HEADER_TABLE_SIZE = 0x1,
	HTTP2_MAX_CONCURRENT_STREAMS = 0x3,
	HTTP2_INITIAL_WINDOW_SIZE = 0x4,
};

/* RFC 9113 7: why a stream or a connection ends. */
enum http2_error {
	HTTP2_NO_ERROR = 0x0,
	HTTP2_PROTOCOL_ERROR = 0x1,
	HTTP2_FLOW_CONTROL_ERROR = 0x3,
	HTTP2_FRAME_SIZE_ERROR = 0x6,
	HTTP2_REFUSED_STREAM = 0x7, /* the request was not looked at, and may be sent again */
	HTTP2_ENHANCE_YOUR_CALM = 0xb,
};

#define HTTP2_FRAME_HEADER_BYTES 9

/* So many bytes of an answer are subject to flow control. */
#define HTTP2_SERVING_DATA_BYTES 7

void http2_frame_add_settings(struct text *out, uint32_t concurrent_streams);
void http2_frame_add_settings_ack(struct text *out);
void http2_frame_add_ping_ack(struct text *out, const char payload[8]);
void http2_frame_add_window_update(struct text *out, uint32_t stream, uint32_t bytes);
void http2_frame_add_reset(struct text *out, uint32_t stream, enum http2_error error);
void http2_frame_add_goaway(struct text *out, uint32_t last_stream, enum http2_error error);

/* The answers of grpc.health.v1.Health/Check. table_size_update: the client's decoder has to hear first that the
 * dynamic table has shrunk (RFC 7541 4.2); we use none. */

/* :status 200, the message SERVING, and grpc-status 0 as a trailer. */
void http2_frame_add_serving(struct text *out, uint32_t stream, bool table_size_update);

/* Trailers alone: :status http_status (three digits), grpc-status 14 (UNAVAILABLE), and message (fewer than 32
 * letters) as grpc-message. */
void http2_frame_add_unavailable(struct text *out, uint32_t stream, bool table_size_update,
	int http_status, const char *message);

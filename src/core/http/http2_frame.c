/* SPDX-License-Identifier: MIT */
#include "core/http/http2_frame.h"

#include <string.h>

/* Fields without indexing (RFC 7541 6.2.2), their names by number in the static table (appendix A) or spelled out,
 * their lengths in one byte. */
#define STATUS_200 "\x88"
#define STATUS "\x08\x03"
#define CONTENT_TYPE                                                                               \
	"\x0f\x10\x10"                                                                             \
	"application/grpc"
#define GRPC_STATUS_OK "\0\x0bgrpc-status\x01\x30"
#define GRPC_STATUS_UNAVAILABLE "\0\x0bgrpc-status\x02\x31\x34"
#define GRPC_MESSAGE "\0\x0cgrpc-message"

#define TABLE_SIZE_0 "\x20" /* RFC 7541 6.3 */

/* Not compressed, two bytes long: field 1 of a HealthCheckResponse is 1, SERVING. */
#define MESSAGE_SERVING "\0\0\0\0\2\x08\x01"
_Static_assert(sizeof MESSAGE_SERVING - 1 == HTTP2_SERVING_DATA_BYTES, "it has another length");

/* Without the NUL that ends the literal. */
#define ADD_LITERAL(text, literal) text_add_bytes(text, literal, sizeof(literal) - 1)

static void add_number(struct text *out, uint32_t number)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		text_add_char(out, (char)(number >> shift));
}

static void add_header(struct text *out, enum http2_frame_type type, size_t length, unsigned flags,
	uint32_t stream)
{
	add_number(out, (uint32_t)length << 8 | (uint32_t)type);
	text_add_char(out, (char)flags);
	add_number(out, stream);
}

void http2_frame_add_settings(struct text *out, uint32_t concurrent_streams)
{
	add_header(out, HTTP2_SETTINGS, 6, 0, 0);
	text_add_char(out, 0);
	text_add_char(out, HTTP2_MAX_CONCURRENT_STREAMS);
	add_number(out, concurrent_streams);
}

void http2_frame_add_settings_ack(struct text *out)
{
	add_header(out, HTTP2_SETTINGS, 0, HTTP2_ACK, 0);
}

void http2_frame_add_ping_ack(struct text *out, const char payload[8])
{
	add_header(out, HTTP2_PING, 8, HTTP2_ACK, 0);
	text_add_bytes(out, payload, 8);
}

void http2_frame_add_window_update(struct text *out, uint32_t stream, uint32_t bytes)
{
	add_header(out, HTTP2_WINDOW_UPDATE, 4, 0, stream);
	add_number(out, bytes);
}

void http2_frame_add_reset(struct text *out, uint32_t stream, enum http2_error error)
{
	add_header(out, HTTP2_RST_STREAM, 4, 0, stream);
	add_number(out, error);
}

void http2_frame_add_goaway(struct text *out, uint32_t last_stream, enum http2_error error)
{
	add_header(out, HTTP2_GOAWAY, 8, 0, 0);
	add_number(out, last_stream);
	add_number(out, error);
}

static void begin_fields(struct text *fields, char *buf, size_t cap, bool table_size_update)
{
	text_init(fields, buf, cap);
	if (table_size_update)
		ADD_LITERAL(fields, TABLE_SIZE_0);
}

static void add_fields(struct text *out, const struct text *fields, unsigned flags, uint32_t stream)
{
	add_header(out, HTTP2_HEADERS, fields->len, HTTP2_END_HEADERS | flags, stream);
	text_add_bytes(out, fields->buf, fields->len);
}

void http2_frame_add_serving(struct text *out, uint32_t stream, bool table_size_update)
{
	char buf[32];
	struct text fields;

	begin_fields(&fields, buf, sizeof buf, table_size_update);
	ADD_LITERAL(&fields, STATUS_200 CONTENT_TYPE);
	add_fields(out, &fields, 0, stream);
	add_header(out, HTTP2_DATA, HTTP2_SERVING_DATA_BYTES, 0, stream);
	ADD_LITERAL(out, MESSAGE_SERVING);
	begin_fields(&fields, buf, sizeof buf, false);
	ADD_LITERAL(&fields, GRPC_STATUS_OK);
	add_fields(out, &fields, HTTP2_END_STREAM, stream);
}

void http2_frame_add_unavailable(struct text *out, uint32_t stream, bool table_size_update,
	int http_status, const char *message)
{
	char buf[96];
	struct text fields;

	begin_fields(&fields, buf, sizeof buf, table_size_update);
	ADD_LITERAL(&fields, STATUS);
	text_printf(&fields, "%d", http_status);
	ADD_LITERAL(&fields, CONTENT_TYPE GRPC_STATUS_UNAVAILABLE GRPC_MESSAGE);
	text_add_char(&fields, (char)strlen(message));
	text_add(&fields, message);
	add_fields(out, &fields, HTTP2_END_STREAM, stream);
}

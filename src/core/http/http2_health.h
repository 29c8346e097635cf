/* SPDX-License-Identifier: MIT */
/* The health endpoint over HTTP/2 without TLS, with prior knowledge (RFC 9113 3.3): what gRPC clients ask with
 * grpc.health.v1.Health/Check. Bytes in, bytes out; it knows no socket and allocates nothing.
 *
 * Each request gets the same answer, whatever its path, so that no header is decoded (RFC 7541) and none is
 * kept. This means: Watch gets the answer of Check, and ends; the name of the service in the message is not
 * looked at.
 *
 * Bounds: HTTP2_STREAMS_MAX requests may be unfinished at a time; a header block has HTTP2_BLOCK_MAX_BYTES at
 * most, frame headers included. The caller keeps fewer than HTTP2_KEPT_BYTES of what was received. */
#pragma once

#include "core/http/http2_frame.h"

/* What a client says first (RFC 9113 3.4). */
#define HTTP2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define HTTP2_PREFACE_BYTES (sizeof HTTP2_PREFACE - 1)

#define HTTP2_STREAMS_MAX 8
#define HTTP2_BLOCK_MAX_BYTES 16384
#define HTTP2_KEPT_BYTES 10

/* Room for whatever follows from one frame, its answer included. */
#define HTTP2_OUTPUT_BYTES 128

struct http2_health {
	bool is_open; /* the connection speaks HTTP/2 */
	bool has_settings; /* the client's first SETTINGS have come */
	bool table_size_update; /* the next answer has to begin with one */
	bool is_in_frame;
	uint8_t type, flags; /* of the frame under way */
	uint32_t stream, length, left; /* the same; left: bytes of its payload that are to come */
	uint32_t block_stream; /* whose header block is under way; 0: none */
	uint32_t block_bytes;
	bool block_begins_stream, block_ends_stream;
	uint32_t last_stream; /* the last that the client has begun */
	uint32_t complete_stream; /* the one that http2_health_answer answers */
	uint32_t window, stream_window; /* bytes that may be sent in all, and on each stream */
	uint32_t unfinished[HTTP2_STREAMS_MAX]; /* streams whose request goes on; 0: a free place */
};

enum http2_progress {
	HTTP2_MORE, /* needs more bytes */
	HTTP2_REQUEST, /* a request is complete: http2_health_answer comes next */
	HTTP2_FULL, /* `out` has too little room for what follows from the next frame */
	HTTP2_FAILED, /* the client is wrong: `out` ends with GOAWAY, and nothing comes after it */
};

/* The client has sent its preface, and all bytes after it are for http2_health_take. Writes our SETTINGS. */
void http2_health_begin(struct http2_health *ret_health, struct text *out);

/* Takes bytes from *bytes to end, moves *bytes on, and writes what follows from them. What is written does not
 * depend on how the bytes were cut into pieces. */
enum http2_progress http2_health_take(
	struct http2_health *health, const char **bytes, const char *end, struct text *out);

/* Answers the request: http_status 2xx as SERVING with grpc-status 0, another one, up to 599, by trailers alone with
 * grpc-status 14 and state, a word, as grpc-message. A client whose window is closed is refused. */
void http2_health_answer(
	struct http2_health *health, struct text *out, int http_status, const char *state);

/* Whether the client has begun what it has not finished: a frame, a header block, a request. Bytes that
 * http2_health_take has left do not count. */
bool http2_health_is_amid(const struct http2_health *health);

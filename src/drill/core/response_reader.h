/* SPDX-License-Identifier: MIT */
/* One HTTP/1.x answer as it comes (RFC 9112), in pieces of any size: where its body is, and whether it
 * is all there. Strict where a fault would hide a loss: lengths, chunks, line ends. No allocation; a
 * head of any length up to a limit, of which only what frames the body is kept. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESPONSE_LINE_BYTES 256 /* as much of a line is looked at */
#define RESPONSE_HEAD_BYTES 262144 /* longer ones are refused; interim answers and trailers count */

enum response_stage {
	RESPONSE_STATUS_LINE,
	RESPONSE_FIELDS,
	RESPONSE_BODY, /* the rest of one of known length, or until the end of the connection */
	RESPONSE_CHUNK_SIZE,
	RESPONSE_CHUNK,
	RESPONSE_CHUNK_END,
	RESPONSE_TRAILERS,
	RESPONSE_WHOLE,
	RESPONSE_BAD, /* no HTTP, or framed so that its end cannot be found */
};

struct response_reader {
	enum response_stage stage;
	int status; /* the final one; 0: not known yet */
	bool closes; /* the connection is of no use after this answer */
	bool has_retry_after;
	int64_t length; /* as the head says; -1: it does not */
	int64_t body_bytes; /* that came */
	int64_t left; /* of the body, or of this chunk */
	size_t head_bytes;
	bool is_chunked, has_coding, is_http_1_0, keeps_alive;
	bool has_no_body; /* the request was HEAD (RFC 9110 9.3.2): the length is that of GET's */
	bool line_is_cut;
	size_t line_len;
	char line[RESPONSE_LINE_BYTES];
};

/* A part of the body, in the caller's bytes. */
struct response_piece {
	const char *bytes;
	size_t len;
};

void response_reader_start(struct response_reader *reader);

/* The same for the answer to HEAD. */
void response_reader_start_head(struct response_reader *reader);

/* Takes bytes as far as the next part of the body, or all of them. Returns how many it took; none are
 * taken when the answer is whole or bad. */
size_t response_reader_take(struct response_reader *reader, const char *bytes, size_t len,
	struct response_piece *ret_piece);

/* The connection has ended, and that was said properly (always so without TLS): true when the answer is
 * whole, which one of unknown length becomes by it. */
bool response_reader_end(struct response_reader *reader);

/* How long the body is, or -1 where only its end would tell. */
int64_t response_reader_body_length(const struct response_reader *reader);

/* Whether the head says where the body ends, so that no end of the connection has to. */
bool response_reader_has_length(const struct response_reader *reader);

/* Whether the final response has begun: not while only interim ones (RFC 9110 15.2) have come. */
bool response_reader_has_begun(const struct response_reader *reader);

/* SPDX-License-Identifier: MIT */
/* The frames that a WebSocket server sends, as they come (RFC 6455 5), in pieces of any size. Strict: a masked
 * frame, a reserved bit or opcode, a control frame that is long or in pieces, and a message out of order are
 * bad. No allocation; of the payload only what control frames carry is kept. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEBSOCKET_CONTROL_BYTES 125 /* the longest payload of a control frame */
#define WEBSOCKET_NO_CODE 1005 /* a Close without a code (RFC 6455 7.1.5) */
#define WEBSOCKET_FRAME_BYTES                                                                      \
	(14 + WEBSOCKET_CONTROL_BYTES) /* that a client sends here, with its mask */

enum websocket_opcode {
	WEBSOCKET_CONTINUATION = 0,
	WEBSOCKET_TEXT = 1,
	WEBSOCKET_BINARY = 2,
	WEBSOCKET_CLOSE = 8,
	WEBSOCKET_PING = 9,
	WEBSOCKET_PONG = 10,
};

enum websocket_event {
	WEBSOCKET_MORE, /* all bytes were taken */
	WEBSOCKET_MESSAGE, /* one is whole, of text or binary */
	WEBSOCKET_PINGED, /* control has what a pong has to carry */
	WEBSOCKET_PONGED,
	WEBSOCKET_CLOSED, /* close_code; nothing follows */
	WEBSOCKET_BAD,
};

struct websocket_reader {
	unsigned char head[10];
	size_t head_len, head_needed;
	uint64_t left; /* of the payload */
	int64_t message_bytes; /* of all messages, as far as they came */
	bool is_in_message; /* a fragment came, and the last one is to come */
	bool is_over; /* closed, or bad */
	int close_code;
	unsigned char control[WEBSOCKET_CONTROL_BYTES];
	size_t control_len;
};

void websocket_reader_start(struct websocket_reader *reader);

/* Takes bytes as far as the next event. Returns how many. */
size_t websocket_reader_take(struct websocket_reader *reader, const unsigned char *bytes,
	size_t len, enum websocket_event *ret_event);

/* A client's frame, whole and masked (RFC 6455 5.3); len up to WEBSOCKET_CONTROL_BYTES. Returns its length. */
size_t websocket_write_frame(unsigned char frame[WEBSOCKET_FRAME_BYTES],
	enum websocket_opcode opcode, const void *payload, size_t len, const unsigned char mask[4]);

/* Whether a server that goes may close with this code: normal closure, going away, service restart. */
bool websocket_code_is_fine(int code);

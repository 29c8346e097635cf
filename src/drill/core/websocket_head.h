/* SPDX-License-Identifier: MIT */
/* The head of the response to a WebSocket's handshake (RFC 6455 4.2.2), in pieces of any size. A head may be
 * as long as that of any other response; only the lines that the handshake is checked by are kept. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define WEBSOCKET_HEAD_KEPT_BYTES 1024

enum websocket_head_stage {
	WEBSOCKET_HEAD_MORE,
	WEBSOCKET_HEAD_WHOLE,
	WEBSOCKET_HEAD_BAD, /* a line does not end with CR LF, or the head is longer than RESPONSE_HEAD_BYTES */
};

struct websocket_head {
	enum websocket_head_stage stage;
	char kept
		[WEBSOCKET_HEAD_KEPT_BYTES]; /* whole lines, terminated: the first, Upgrade, Connection,
						* Sec-WebSocket-Accept, and the empty one */
	size_t len;
	size_t line; /* where the line that comes now begins */
	bool is_cut; /* it is longer than what is left of kept */
	char last; /* the byte before */
	size_t bytes; /* that came */
};

void websocket_head_start(struct websocket_head *head);

/* Takes bytes up to the end of the head. Returns how many it took. */
size_t websocket_head_take(struct websocket_head *head, const char *bytes, size_t len);

/* SPDX-License-Identifier: MIT */
/* What exchanges of all protocols have in common: their state, and what they do alike. */
#pragma once

#include "drill/core/attempt_end.h"
#include "drill/core/grpc_reader.h"
#include "drill/core/response_reader.h"
#include "drill/core/websocket_head.h"
#include "drill/core/websocket_reader.h"
#include "drill/load/http2_stream.h"
#include "drill/load/request.h"
#include "drill/load/transport.h"

#define EXCHANGE_NEVER INT64_MAX

#define EXCHANGE_SWITCHING "HTTP/1.1 101" /* how the response to a handshake begins */

struct exchange;
struct http2_conn;

struct exchange_websocket {
	size_t sent; /* of the handshake */
	char start[sizeof EXCHANGE_SWITCHING - 1]; /* of its response */
	size_t start_len;
	struct websocket_head head; /* where that says 101 */
	bool is_open; /* 101 came, and it was the right one */
	bool is_refused; /* something else came */
	bool is_closing; /* the server has sent Close */
	struct response_reader refusal;
	struct websocket_reader reader;
	unsigned char out[3 * WEBSOCKET_FRAME_BYTES]; /* frames that the transport has not taken */
	size_t out_len;
	unsigned messages;
	int64_t next_us; /* when the next message is due */
};

/* Keeps a response body, for BODY_SAME. The bytes are the caller's to free. */
struct body_capture {
	char *bytes; /* not NULL after an empty body, either */
	size_t len, cap;
	size_t most; /* bytes that are kept, what follows is not; 0: all, up to 256 MiB */
	bool is_too_large; /* and so not kept */
};

enum exchange_wants {
	EXCHANGE_WANTS_READ,
	EXCHANGE_WANTS_READ_AND_WRITE,
	EXCHANGE_WANTS_TIME, /* a paced exchange may go on at its next tick */
	EXCHANGE_IS_OVER,
};

struct exchange_step {
	enum exchange_wants wants;
	bool has_sent,
		has_received; /* bytes of the request, or of the final response, moved in this step */
	enum attempt_end_cause cause; /* EXCHANGE_IS_OVER: how it ended */
	int error; /* END_FAILED: errno */
};

/* What is known of a response, whole or not. */
struct exchange_response {
	int status; /* the final one; 0: not known yet */
	int64_t bytes_expected, bytes_received; /* of the body; -1: not known */
	bool is_body_known; /* more than the end of the connection marks its end, or it was compared */
	bool says_goodbye; /* it closes the connection, or says when to come again */
	bool keeps_connection; /* which can carry another request */
};

/* What differs from protocol to protocol. */
struct exchange_protocol {
	struct exchange_step (*step)(struct exchange *exchange, struct transport *transport,
		bool is_readable, int64_t now_us);
	/* So much of the request is with the kernel that the server can work on it: all of it, or the
	 * beginning of an upload's body. */
	bool (*has_sent_enough)(const struct exchange *exchange);
	struct exchange_response (*describe)(const struct exchange *exchange);
};

struct exchange {
	const struct exchange_protocol *protocol;
	const struct request *request;
	struct body_capture *capture; /* NULL: the body is not kept */
	int64_t first_byte_us, sent_from_us;
	int64_t wire_bytes_before; /* that the transport had sent before this request */
	int64_t read_bytes;
	int64_t acknowledged_at_us; /* when the server's kernel had all that was sent; EXCHANGE_NEVER: not yet */
	struct body_check check;
	union {
		struct {
			size_t sent; /* of head and body */
			struct response_reader reader;
		} http1;
		struct {
			struct http2_conn *http2_conn; /* NULL: not begun */
			struct http2_stream http2;
			struct grpc_reader grpc;
		};
		struct exchange_websocket websocket;
	};
};

struct exchange_step exchange_over(enum attempt_end_cause cause, int error);

/* How many bytes may move by now at a rate; 0 bytes a second: as many as there are. */
int64_t exchange_allowance(
	const struct exchange *exchange, int64_t bytes_per_s, int64_t done, int64_t now_us);

void exchange_note_first_byte(struct exchange *exchange, int64_t now_us);

/* The next bytes of the body of a response with this status. Returns false where they are not those of the
 * expected response. */
bool exchange_take_body(struct exchange *exchange, int status, const char *bytes, size_t len);

/* The response is whole by its framing: was it the expected one? */
struct exchange_step exchange_end_whole(const struct exchange *exchange, int status);

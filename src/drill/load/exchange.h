/* SPDX-License-Identifier: MIT */
/* One HTTP/1.x request and its response on a transport: an exchange sends what may be sent, reads what has
 * arrived, and says what it waits for. It knows no event loop: its owner has the watchers and deadlines. */
#pragma once

#include "drill/core/attempt_end.h"
#include "drill/core/response_reader.h"
#include "drill/load/request.h"
#include "drill/load/transport.h"

#define EXCHANGE_NEVER INT64_MAX

/* Keeps a response body, for BODY_SAME. The bytes are the caller's to free. */
struct body_capture {
	char *bytes; /* not NULL after an empty body, either */
	size_t len, cap;
	bool is_too_large; /* and so not kept */
};

struct exchange {
	const struct request *request;
	struct body_capture *capture; /* NULL: the body is not kept */
	int64_t first_byte_us, sent_from_us;
	int64_t wire_bytes_before; /* that the transport had sent before this request */
	size_t sent; /* of head and body */
	int64_t read_bytes;
	int64_t acknowledged_at_us; /* when the server's kernel had all that was sent; EXCHANGE_NEVER: not yet */
	struct response_reader reader;
	struct body_check check;
};

enum exchange_wants {
	EXCHANGE_WANTS_READ,
	EXCHANGE_WANTS_READ_AND_WRITE,
	EXCHANGE_WANTS_TIME, /* a paced exchange may go on at the next tick of PACE_TICK_US */
	EXCHANGE_IS_OVER,
};

struct exchange_step {
	enum exchange_wants wants;
	bool has_sent,
		has_received; /* bytes of the request, or of the final response, moved in this step */
	enum attempt_end_cause cause; /* EXCHANGE_IS_OVER: how it ended */
	int error; /* END_FAILED: errno */
};

/* Prepares an exchange before its connection exists: nothing was sent yet. The request outlives it. */
void exchange_init(
	struct exchange *exchange, const struct request *request, struct body_capture *capture);

/* The connection is there: sends as much as goes. */
struct exchange_step exchange_start(
	struct exchange *exchange, struct transport *transport, int64_t now_us);

/* The transport is readable or writable, or a tick is over: reads, then sends. A send does not fail: what
 * went wrong is the next read's to tell, after the bytes that came before it. */
struct exchange_step exchange_step(
	struct exchange *exchange, struct transport *transport, bool is_readable, int64_t now_us);

/* Whether the end of the body is told by more than the end of the connection. */
bool exchange_knows_body(const struct exchange *exchange);

bool exchange_is_paced(const struct exchange *exchange);

/* Whether the request is provably in the server: its response has begun, or, unless the response is what
 * takes long, the server's kernel has had all that was sent (of an upload: some of the body) for settle_us.
 * Asks the kernel (SIOCOUTQ) and remembers since when. */
bool exchange_poll_in_server(struct exchange *exchange, const struct transport *transport,
	int64_t now_us, int64_t settle_us);

/* SPDX-License-Identifier: MIT */
/* One request and its response on a transport, in one of several protocols: an exchange sends what may be
 * sent, reads what has arrived, and says what it waits for. It knows no event loop: its owner has the
 * watchers and deadlines. */
#pragma once

#include "drill/load/exchange_base.h"

/* Prepares an exchange before its connection exists: nothing was sent yet. The request outlives it. */
void exchange_init(
	struct exchange *exchange, const struct request *request, struct body_capture *capture);

/* The connection is there: sends as much as goes. http2: that of the transport; NULL: it speaks HTTP/1. */
struct exchange_step exchange_start(struct exchange *exchange, struct transport *transport,
	struct http2_conn *http2, int64_t now_us);

/* The transport is readable or writable, or a tick is over: reads, then sends. A send does not fail: what
 * went wrong is the next read's to tell, after the bytes that came before it. */
struct exchange_step exchange_step(
	struct exchange *exchange, struct transport *transport, bool is_readable, int64_t now_us);

struct exchange_response exchange_describe(const struct exchange *exchange);

/* How often a paced exchange has to have a step, whatever the transport does; 0: never. */
int64_t exchange_tick_us(const struct exchange *exchange);

/* Whether the request is provably in the server: its response has begun, or, unless the response is what
 * takes long, the server's kernel has had all that was sent (of an upload: some of the body) for settle_us.
 * Asks the kernel (SIOCOUTQ) and remembers since when. */
bool exchange_poll_in_server(struct exchange *exchange, const struct transport *transport,
	int64_t now_us, int64_t settle_us);

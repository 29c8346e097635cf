/* SPDX-License-Identifier: MIT */
/* Is there work in flight on this connection? Judged from the kernel's numbers for one socket at one
 * moment; docs/design.md has the table of what was measured and what cannot be seen. */
#pragma once

#include "core/connection.h"
#include "core/msec.h"

enum connection_class {
	CONNECTION_OTHER, /* no work of ours: LISTEN, TIME_WAIT, FIN_WAIT2, … */
	CONNECTION_BUSY, /* a request is being read or answered, or its answer is on its way */
	CONNECTION_UNSURE, /* may have a request in flight, which the numbers do not tell: holds a drain */
	CONNECTION_RECENT, /* data moved within settle: may go on, so that it holds a drain too */
	CONNECTION_NEW, /* opened, never used */
	CONNECTION_IDLE, /* answered */
	CONNECTION_CLOSING, /* closed by the application, bytes still undelivered */
	CONNECTION_CLASS_COUNT,
};

struct verdict_settings {
	msec_t settle;

	/* D, the user's word that no request takes longer: a connection with empty queues on which
	 * nothing has moved for this long is idle, whatever else it looks like. 0 or MSEC_NEVER: not
	 * given. */
	msec_t longest_request;

	/* The application was told to stop and has closed its listener. A server that does so closes
	 * its idle connections too, so that whatever is still open is work: also what looks idle
	 * from outside (a paused stream, a request waiting for its body after 100 Continue). */
	bool listener_closed;
};

/* What one row from a detector means. Without tcp_info (procnet) an open connection may be working,
 * and is busy. */
enum connection_class connection_judge(
	const struct connection *connection, const struct verdict_settings *settings);

/* What a look leaves for the next one at the same connection: counters, modulo 2^16, that tell which
 * came last when a request and an answer fell into one tick. Zeroed: no look yet. */
struct connection_memory {
	uint16_t data_segs_in, data_segs_out, bare_acks; /* at the last look */
	uint16_t first_bare_acks; /* at the first look since data moved last */
	uint16_t earlier_bare_acks; /* at the look before that one */
	bool looked : 1, has_earlier : 1;
};

/* The same for a connection that was looked at before, and takes in what this look saw. The more
 * looks, the fewer ties have to be held. */
enum connection_class connection_judge_again(const struct connection *connection,
	struct connection_memory *memory, const struct verdict_settings *settings);

/* How long ago a byte moved last, in either direction. Of a connection with has_info. */
uint32_t connection_quiet_ms(const struct connection *connection);

/* Whether the peer has not acknowledged bytes that could still be delivered. False for a peer that
 * has answered nothing for long although asked again and again: it is gone. A peer with a closed
 * window answers the probes, and is not. */
bool connection_is_undelivered(const struct connection *connection);

/* Bytes of the application that the peer has not acknowledged. A FIN takes a place in the sequence
 * too, and is not counted. */
uint32_t connection_undelivered_bytes(const struct connection *connection);

/* Whether the last thing seen on a connection was a request without an answer. For a connection that
 * has ended: whether it was cut. */
bool connection_is_unanswered(const struct connection *connection);

const char *connection_class_name(enum connection_class connection_class);

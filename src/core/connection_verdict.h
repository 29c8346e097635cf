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

	/* D: a connection that may be in use is idle when it has been quiet for so long. 0: never. */
	msec_t longest_request;

	/* D is the user's word that no request takes longer, and no guess of ours: then it also ends
	 * the wait for what is known to be unanswered, counted from the stop at the earliest. */
	bool is_longest_given;

	bool draining; /* the stop has begun, at stopped_at */
	msec_t stopped_at;

	/* The application was told to stop and has closed its listener. A server that does so closes
	 * its idle connections too, so that whatever is still open may be work: also what looks idle
	 * from outside (a paused stream, a request waiting for its body after 100 Continue). */
	bool listener_closed;
};

/* What one row from a detector means. Without tcp_info (procnet) an open connection may be working,
 * and is busy. */
enum connection_class connection_judge(
	const struct connection *connection, const struct verdict_settings *settings);

/* What keeps a verdict from being proof. */
enum connection_doubt {
	DOUBT_NONE,
	DOUBT_ANSWER_OPEN, /* an answer left, and may go on: for 2 s */
	DOUBT_NO_PROOF, /* a request may wait: for D */
	DOUBT_UNANSWERED, /* a request waits, and D has ended the wait for it */
};

/* What polls leave for the next one at the same connection. Times are the low 32 bits of `now`, byte counts
 * the low 32 bits of what the kernel counts. Zeroed: no poll yet. */
struct connection_memory {
	uint32_t polled_at;
	uint32_t still_since; /* the poll from which on nothing has moved and nothing was unread */
	uint32_t wrote_at; /* when the application wrote last */
	uint32_t waits_since; /* the poll from which on a request waits */
	uint32_t asked_at; /* the poll at which the current or last request began */
	uint32_t received, written; /* bytes; written ones may still be in the queue */
	uint16_t bare_acks; /* without keep-alive's */
	uint16_t earlier_bare_acks; /* at the poll before data moved last */
	uint16_t retransmitted; /* segments, when the application had written last */
	bool polled : 1, has_earlier : 1;
	bool has_asked : 1; /* a request began at a poll since the stop */
	bool waits : 1; /* known to: unanswered, or acknowledged without an answer */
	bool acknowledged : 1; /* bare, within a delayed acknowledgement of a tie: its request waits */
	bool is_answered : 1; /* polls saw the request wait and then bytes leave */
	bool seen_leaving : 1; /* polls saw bytes leave, and none come, since the last request */
	bool has_paused : 1; /* after bytes that left later than an answer does, or that were seen leaving */
	bool is_stream : 1; /* bytes left again after that */
	bool left_late : 1; /* by the last verdict: later than settle after the request */
	bool talks : 1; /* the client went on although nobody had answered for a while */
	bool may_wait : 1; /* by the last verdict a request may be in flight */
	/* What polls saw, 2 or more: pauses between an answer and the next request; and answers in one
	 * piece, with the next request after a shorter pause. */
	unsigned rests : 2;
	unsigned plain : 2;
	unsigned doubt : 2; /* enum connection_doubt, of the last verdict */
};

/* The same for a connection that was polled before, and takes in what this poll saw. The more polls, the
 * fewer connections have to be held for doubt alone. */
enum connection_class connection_judge_again(const struct connection *connection,
	struct connection_memory *memory, const struct verdict_settings *settings, msec_t now);

/* After a verdict of unsure: in how many milliseconds the connection is idle if nothing moves, 1 at least. */
msec_t connection_doubt_ends_in(const struct connection *connection,
	const struct connection_memory *memory, const struct verdict_settings *settings);

/* Whether polls saw bytes leave since the last request, or the last numbers of a connection that has ended
 * say so. */
bool connection_was_answered_since(
	const struct connection *last, const struct connection_memory *memory);

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

/* SPDX-License-Identifier: MIT */
/* What polls of one connection leave for the next poll. */
#pragma once

#include "core/tcp/connection_numbers.h"
#include "core/text/msec.h"

/* TCP_DELACK_MAX of Linux, and the longest tick: a request without an answer for this long has been
 * acknowledged without data. */
#define DELAYED_ACK_MS 210

/* A client that asks so many times for what comes in one piece is taken to go on so. */
#define MEMORY_PLAIN_ANSWERS 2

/* Polls that saw nothing move for a second, less what a prober's clock may be off. Two such rests, for the
 * first may be a client that stalls in its handshake. */
#define MEMORY_STILL_MS 900
#define MEMORY_RESTS 2

/* What keeps a verdict from being proof. */
enum connection_doubt {
	DOUBT_NONE,
	DOUBT_ANSWER_OPEN = 1, /* an answer left, and may go on: for 2 s */
	DOUBT_NO_PROOF = 2, /* a request may wait: for D */
	DOUBT_UNANSWERED, /* a request waits, and D has ended the wait for it */
};

/* What polls leave for the next one at the same connection. Times are the low 32 bits of `now`, byte counts
 * the low 32 bits of what the kernel counts. Zeroed: no poll yet. */
struct connection_memory {
	uint32_t polled_at;
	uint32_t still_since; /* the poll from which on nothing has moved and nothing was unread */
	int32_t wrote_after; /* how much later than the client's last byte the application wrote last */
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
	bool talks : 1; /* the client went on although it had no answer for a while */
	bool may_wait : 1; /* by the last verdict a request may be in flight */
	/* What polls saw, 2 or more: pauses between an answer and the next request; and answers in one
	 * piece, with the next request after a shorter pause. */
	unsigned rests : 2;
	unsigned plain : 2;
	unsigned doubt : 2; /* enum connection_doubt, of the last verdict */
	unsigned
		over : 2; /* DOUBT_ANSWER_OPEN | DOUBT_NO_PROOF: those that the current silence has ended */
	/* enum connection_ending: as what the work since the client's last byte is counted */
	unsigned counted : 3;
};

/* Takes in what this poll has seen of an open connection. */
void connection_memory_note(
	struct connection_memory *memory, const struct connection *c, msec_t settle, uint32_t now);

/* By how much the last byte out left later than the last one came in. */
uint32_t connection_memory_later_ms(
	const struct connection *c, const struct connection_memory *memory);

/* Whether polls saw bytes leave since the last request, or the last numbers of a connection that has ended
 * say so. */
bool connection_was_answered_since(
	const struct connection *last, const struct connection_memory *memory);

/* SPDX-License-Identifier: MIT */
/* One connection that the connection tracker follows: what polls of it have seen, and what that says of its
 * end. Times are milliseconds after the stop began, below 0 for what was before it: 24 days either way. */
#pragma once

#include "core/tcp/connection_end.h"
#include "core/tcp/connection_class.h"
#include "core/tcp/blockers.h"

struct tracked_conn {
	uint64_t cookie;
	int32_t held_since; /* from the last byte of its request on; TRACKER_NEVER: it is not held */
	int32_t held_until; /* when it was last seen held */
	int32_t request_until; /* when a request was last seen in flight */
	int32_t last_byte_at; /* TRACKER_NEVER: not known */
	uint32_t undelivered_bytes;
	uint32_t bytes_in, bytes_acked; /* modulo 2^32, at the last poll */
	uint8_t peer[16]; /* an IPv4 address as a mapped one */
	struct connection_memory memory;
	uint16_t peer_port;
	uint16_t segs_in, segs_out; /* with data, modulo 2^16, at the last poll */
	uint16_t asked_segs_out; /* what had been sent when the client's bytes came last */
	unsigned pass : 5; /* the poll that saw it last, modulo 2^5 */
	unsigned local_end : 5; /* its number in local_ends; 0: it cannot be asked for by itself */
	bool asked : 1; /* it is asked for between two polls, for it holds the drain */
	/* polls in a row that saw only the application's bytes move; 3: or more */
	unsigned moves_out : 2;
	unsigned hold : 2; /* enum connection_hold, of the current one */
	unsigned ender : 2; /* enum connection_ender, where `closing` or `missing` */
	unsigned held_class : 3; /* enum connection_class that held it last */
	bool unanswered : 1; /* when it was last seen open */
	bool answered : 1; /* the same: bytes have left after the last that came in */
	/* bytes came and left in one tick since a request was last known to wait: whether the last that
	 * came are answered is not known */
	bool tied : 1;
	bool may_be_word : 1; /* what came since bytes had left may be the client's last word */
	bool word_joined : 1; /* and it was held before those had left, too */
	bool unaccepted : 1; /* it was in the accept queue then */
	bool half_closed : 1; /* the client has sent its FIN */
	bool closing : 1; /* the application has closed it: a FIN is queued */
	bool missing : 1; /* polls do not see it any more: its event is on the way, or the client has
			   * reset it and the application still holds it */
	bool peer_gone : 1; /* the client does not answer any more */
	bool ended : 1; /* its event has come */
	bool at_start : 1; /* it was there at the first poll after the start */
};
_Static_assert(CONNECTION_CLASS_COUNT <= 8, "held_class has too few bits");

#define TRACKER_PASS_MASK 31u

#define TRACKER_NEVER INT32_MIN

void tracked_conn_init(struct tracked_conn *entry, const struct connection *row);

/* Its end is known, or is none of ours: nothing more is waited for. */
void tracked_conn_forget(struct tracked_conn *entry);

bool tracked_conn_is_held(const struct tracked_conn *entry);

/* What moved since the last poll, and which way. Before the numbers of this row are kept. */
void tracked_conn_note_moves(
	struct tracked_conn *entry, const struct connection *row, msec_t settle, int32_t at);

/* It holds the drain. */
void tracked_conn_hold(struct tracked_conn *entry, const struct connection *row,
	enum connection_hold hold, enum connection_class held_class, int32_t at);

/* The numbers that the next poll, or the end, is compared with. */
void tracked_conn_keep_numbers(struct tracked_conn *entry, const struct connection *row);

/* What is known of its end by the last poll of it. */
struct connection_end tracked_conn_end(
	const struct tracked_conn *entry, enum connection_ender ender);

/* Whether more than a last word of the client has come since the last poll. Before the numbers of this row
 * are kept. */
bool tracked_conn_was_asked_since(const struct tracked_conn *entry, const struct connection *row);

/* Takes in what its event says, with so many bytes that the client has not acknowledged, a FIN not counted, and
 * says what is known of its end. */
struct connection_end tracked_conn_last_end(struct tracked_conn *entry,
	const struct connection *last, uint32_t lost, enum connection_ender ender, msec_t settle,
	int32_t at);

/* It holds the drain no longer, and ended so. */
struct blocker tracked_conn_release(struct tracked_conn *entry, enum connection_ending ending);

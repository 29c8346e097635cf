/* SPDX-License-Identifier: MIT */
/* Follows the application's connections from poll to poll: how many are busy, and what became of
 * each since the stop. Fed with the rows of a dump and with the events of sockets that ended;
 * memory is the caller's and bounded. */
#pragma once

#include "core/tcp/tracker_endings.h"

/* index has 2 * capacity places; capacity is a power of two. Both are zeroed. Those that are
 * gone take their places for another two polls, or until their event comes. */
void conn_tracker_init(struct conn_tracker *tracker, struct tracked_conn *entries, uint32_t *index,
	size_t capacity, const struct class_settings *settings);

/* Connections from these peers are passed over. The ranges are the caller's. */
void conn_tracker_ignore(
	struct conn_tracker *tracker, const struct peer_range *ranges, size_t count);

/* The stop signal has arrived: from here on what becomes of each is judged and counted. Polls before it
 * only leave their memory behind, with which ties are resolved. */
void conn_tracker_start(struct conn_tracker *tracker, msec_t now);

/* What was due at due_at happens now. So late is only what was frozen, or had no processor. */
void conn_tracker_note_late(struct conn_tracker *tracker, msec_t due_at, msec_t now);

/* The same of the end of a turn: what its polls have called silence is judged again. */
void conn_tracker_note_interrupted(struct conn_tracker *tracker, msec_t due_at, msec_t now);

/* One poll: begin, a call for each row of a dump (doubles do no harm), the events that wait by then
 * (conn_tracker_ended), end. A poll that failed half-way is left without end: its counts are not used. */
void conn_tracker_pass_begin(struct conn_tracker *tracker);
void conn_tracker_pass_row(struct conn_tracker *tracker, const struct connection *row, msec_t now);
void conn_tracker_pass_end(struct conn_tracker *tracker, msec_t now);

/* The listening sockets alone were polled: there are so many on our ports. */
void conn_tracker_listeners_polled(struct conn_tracker *tracker, unsigned listening, msec_t now);

/* Whether what the pass under way has met so far holds a drain. */
bool conn_tracker_holds(const struct conn_tracker *tracker);

/* A row in place of conn_tracker_pass_row of which is not known whose it is, where no port of the application
 * is: its bytes are waited for, and it counts for nothing. It may be a neighbour's, or a connection that
 * the application has made itself. */
void conn_tracker_pass_stray(struct conn_tracker *tracker, const struct connection *row);

/* The same for a connection both of whose ends are the application's: what a client asked for is seen at
 * that client's connection. It holds the drain while there is proof of work on it, but no longer than
 * TRACKER_INTERNAL_MS of silence, and counts for nothing. */
void conn_tracker_pass_internal(struct conn_tracker *tracker, const struct connection *row);
#define TRACKER_INTERNAL_MS 10000

/* So many wait at unix-domain listeners of the application to be accepted. */
void conn_tracker_pass_waiting(struct conn_tracker *tracker, unsigned waiting);

/* So many connections cannot be seen: each is unsure for as long as one on which nothing moves from the stop
 * on, and what is left of them when we leave is unknown. */
void conn_tracker_pass_unseen(struct conn_tracker *tracker, unsigned unseen, msec_t now);

/* SPDX-License-Identifier: MIT */
/* A piece of work on a connection that is followed, from the moment that it holds the drain until it is
 * counted as finished, cut or unknown. For conn_tracker.c and tracker_endings.c alone. */
#pragma once

#include "core/tcp/tracker_state.h"

/* Whether the connections of its peer are passed over. */
bool conn_tracker_is_ignored(const struct conn_tracker *tracker, const struct connection *row);

/* A moment as entries keep it. */
int32_t conn_tracker_since_start(const struct conn_tracker *tracker, msec_t at);

/* What may have ended a connection that ends now. */
enum connection_ender conn_tracker_ender_now(const struct conn_tracker *tracker);

/* So many more end so; modulo 2^32. What is only held, or given up, is not counted. */
void conn_totals_add(struct conn_totals *totals, enum connection_ending ending, unsigned count);

/* Where the client has sent nothing since the last time, it is the same request: what is known now takes the place of
 * what was counted then. */
void conn_tracker_count_ending(
	struct conn_tracker *tracker, struct tracked_conn *entry, enum connection_ending ending);

/* A connection does not hold the drain any longer; what it held it with is counted. */
void conn_tracker_release(
	struct conn_tracker *tracker, struct tracked_conn *entry, const struct connection_end *end);

/* A request is in flight, or there may be one, or it is held for another reason. */
void conn_tracker_hold(struct conn_tracker *tracker, struct tracked_conn *entry,
	const struct connection *row, enum connection_hold hold, enum connection_class held_class,
	msec_t now);

/* Bytes leave the kernel for the peer; only what leaves after the application's end is our merit. */
void conn_tracker_note_delivery(
	struct conn_tracker *tracker, struct tracked_conn *entry, uint32_t undelivered);

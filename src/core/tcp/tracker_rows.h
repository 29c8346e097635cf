/* SPDX-License-Identifier: MIT */
/* What one row says of the connection that is followed, or that now begins to be. For conn_tracker.c and
 * tracker_asks.c, but for conn_tracker_judge_row. */
#pragma once

#include "core/tcp/tracker_state.h"

/* Classifies a row and counts it: with the connections that are asked for one by one, or with the rest. known is
 * NULL for a new connection. is_answer: the row answers a request for this connection alone. */
void conn_tracker_take_row(struct conn_tracker *tracker, struct tracked_conn *known,
	const struct connection *row, bool is_answer, msec_t now);

/* For a question between polls: the verdict of a poll on this row, with the memory that the poll would leave. Adds
 * to *counts, and keeps nothing. */
enum connection_class conn_tracker_judge_row(const struct conn_tracker *tracker,
	const struct connection *row, struct conn_counts *counts,
	struct connection_memory *ret_memory, msec_t now);

void conn_counts_add_undelivered(struct conn_counts *counts, const struct connection *row);

/* A connection that is gone while the application has no reason to cut was not cut by it, though the event
 * that tells what became of it may come after the application's end: the kernel sends it from a work
 * queue. */
void conn_tracker_note_missing(
	struct conn_tracker *tracker, struct tracked_conn *entry, msec_t now);

/* The counts of what was asked for one by one and of the rest become those of this moment. */
void conn_tracker_publish(struct conn_tracker *tracker);

/* SPDX-License-Identifier: MIT */
/* Between two polls: those connections alone that hold the drain, or have bytes to deliver, each by a request of its
 * own. What has come since the last poll is not seen. */
#pragma once

#include "core/tcp/connection_key.h"
#include "core/tcp/tracker_state.h"

#include <stddef.h>

/* Whether a stop is under way, all that holds it can be asked for so, and the last poll was not left half-way. */
bool conn_tracker_can_ask(const struct conn_tracker *tracker);

/* A round: begin, then at most `max` keys at a time until there are no more, an answer for each, and end. A poll in
 * between ends it. */
void conn_tracker_ask_begin(struct conn_tracker *tracker);
size_t conn_tracker_ask_next(struct conn_tracker *tracker, struct connection_key *ret_keys,
	size_t *ret_entries, size_t max);
void conn_tracker_ask_end(struct conn_tracker *tracker);

/* In place of end: the kernel did not answer. The counts stay those of before. */
void conn_tracker_ask_fail(struct conn_tracker *tracker);

/* row is NULL where the kernel has no such connection any more. */
void conn_tracker_answer(
	struct conn_tracker *tracker, size_t entry, const struct connection *row, msec_t now);

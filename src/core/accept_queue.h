/* SPDX-License-Identifier: MIT */
/* Does the application take the connections that wait for it? Told from look to look by one of them:
 * the queue is first in, first out, so that it has moved when the one that waited longest is gone.
 * How many wait tells nothing: a busy queue may look the same at each look. */
#pragma once

#include "core/connection.h"
#include "core/msec.h"

struct accept_queue {
	unsigned listening; /* LISTEN sockets */
	unsigned waiting;   /* connections in their queues, dead ones too */
	msec_t looked_at;   /* the last look that was completed */
	msec_t unmoved_since; /* the first look since which it has not moved; MSEC_NEVER: it has */
	uint64_t oldest; /* the cookie of one that waits, 0: only clients that have given up */

	struct accept_queue_pass {
		unsigned listening, waiting;
		uint64_t oldest;
		uint32_t oldest_ms; /* it has waited for so long at least */
		bool has_live, kept;
	} pass; /* the look under way */
};

void accept_queue_init(struct accept_queue *queue);

/* One look: begin, a call for each row of a dump (others than listeners and waiting connections are
 * passed over, doubles do no harm), end. One that failed half-way is left without end. */
void accept_queue_pass_begin(struct accept_queue *queue);
void accept_queue_pass_row(struct accept_queue *queue, const struct connection *row);
void accept_queue_pass_end(struct accept_queue *queue, msec_t now);

/* For how long it has not moved while connections waited, as far as the last look could see. */
msec_t accept_queue_stands_still(const struct accept_queue *queue);

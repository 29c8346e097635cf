/* SPDX-License-Identifier: MIT */
/* Does the application take the connections that wait for it? A queue that is as long as before may
 * have moved in between, and one whose clients give up may not: so those that wait are remembered from
 * one poll to the next, and compared. */
#pragma once

#include "core/tcp/connection.h"
#include "core/text/msec.h"

/* So many of those that wait are remembered, the oldest ones: a queue is first in, first out. More than
 * one, because many come within one tick of the kernel's clock. */
#define ACCEPT_QUEUE_SAMPLE 16

struct accept_queue_sample {
	unsigned count;
	uint64_t cookies[ACCEPT_QUEUE_SAMPLE];
	uint32_t ages_ms[ACCEPT_QUEUE_SAMPLE]; /* they have waited for so long at least */
};

struct accept_queue {
	unsigned listening; /* LISTEN sockets */
	unsigned waiting; /* connections in their queues, those too whose clients have reset them */
	unsigned
		dead; /* the latter: they are counted until they are accepted, and no dump has them */
	msec_t polled_at; /* the last poll that was completed */
	msec_t unmoved_since; /* the first poll since which it has not moved; MSEC_NEVER: it has */
	struct accept_queue_sample sample; /* of those that waited then */

	struct accept_queue_pass {
		unsigned listening, waiting, live;
		unsigned kept, accepted; /* of the last sample, as bits */
		struct accept_queue_sample sample;
	} pass; /* the poll under way */
};

void accept_queue_init(struct accept_queue *queue);

/* One poll: begin, a call for each row of a dump, end. One that failed half-way is left without end. */
void accept_queue_pass_begin(struct accept_queue *queue);
void accept_queue_pass_row(struct accept_queue *queue, const struct connection *row);
void accept_queue_pass_end(struct accept_queue *queue, msec_t now);

/* A poll of the listening sockets alone, so many of them, has found no connection waiting. */
void accept_queue_nobody_waits(struct accept_queue *queue, unsigned listening, msec_t now);

/* For how long it has not moved while connections waited, as far as the last poll could see. */
msec_t accept_queue_stalled_for(const struct accept_queue *queue);

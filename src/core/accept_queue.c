/* SPDX-License-Identifier: MIT */
#include "core/accept_queue.h"

void accept_queue_init(struct accept_queue *queue)
{
	*queue = (struct accept_queue){.unmoved_since = MSEC_NEVER};
}

void accept_queue_pass_begin(struct accept_queue *queue)
{
	queue->pass = (struct accept_queue_pass){.listening = 0};
}

/* Nobody has accepted it: it has no file yet. One whose client has closed it still waits. */
static bool is_waiting(const struct connection *row)
{
	return row->inode == 0 &&
	       (row->state == TCP_STATE_ESTABLISHED || row->state == TCP_STATE_CLOSE_WAIT);
}

void accept_queue_pass_row(struct accept_queue *queue, const struct connection *row)
{
	struct accept_queue_pass *pass = &queue->pass;

	if (row->state == TCP_STATE_LISTEN) {
		pass->listening++;
		pass->waiting += row->rqueue;
		return;
	}
	if (!is_waiting(row))
		return;
	/* The clock of received data starts when a connection is made: without data it is its
	 * age. */
	if (!pass->has_live || row->last_data_recv_ms > pass->oldest_ms) {
		pass->oldest = row->cookie;
		pass->oldest_ms = row->last_data_recv_ms;
	}
	pass->has_live = true;
	pass->kept |= row->cookie != 0 && row->cookie == queue->oldest;
}

/* Clients that reset their connections leave dead ones in the queue, which no dump shows. They are
 * counted until they are accepted, so that a queue of nothing else stands still unless it gets
 * shorter. */
static bool is_standing_still(const struct accept_queue *queue)
{
	const struct accept_queue_pass *pass = &queue->pass;

	if (queue->unmoved_since == MSEC_NEVER)
		return false;
	if (queue->oldest != 0)
		return pass->kept;
	return !pass->has_live && pass->waiting >= queue->waiting;
}

void accept_queue_pass_end(struct accept_queue *queue, msec_t now)
{
	const struct accept_queue_pass *pass = &queue->pass;

	if (pass->waiting == 0) {
		queue->unmoved_since = MSEC_NEVER;
		queue->oldest = 0;
	} else if (!is_standing_still(queue)) {
		queue->unmoved_since = now;
		queue->oldest = pass->oldest;
	}
	queue->listening = pass->listening;
	queue->waiting = pass->waiting;
	queue->looked_at = now;
}

msec_t accept_queue_stands_still(const struct accept_queue *queue)
{
	return queue->unmoved_since == MSEC_NEVER ? 0 : queue->looked_at - queue->unmoved_since;
}

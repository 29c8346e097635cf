/* SPDX-License-Identifier: MIT */
#include "core/tcp/accept_queue.h"

void accept_queue_init(struct accept_queue *queue)
{
	*queue = (struct accept_queue){.unmoved_since = MSEC_NEVER};
}

void accept_queue_pass_begin(struct accept_queue *queue)
{
	queue->pass = (struct accept_queue_pass){.listening = 0};
}

/* The bits of a sample that have this cookie. */
static unsigned find(const struct accept_queue_sample *sample, uint64_t cookie)
{
	for (unsigned i = 0; i < sample->count; i++) {
		if (sample->cookies[i] == cookie)
			return 1u << i;
	}
	return 0;
}

static unsigned youngest(const struct accept_queue_sample *sample)
{
	unsigned found = 0;

	for (unsigned i = 1; i < sample->count; i++) {
		if (sample->ages_ms[i] < sample->ages_ms[found])
			found = i;
	}
	return found;
}

/* The clock of received data starts when a connection is made: without data it is its age. */
static void remember(struct accept_queue_sample *sample, const struct connection *row)
{
	unsigned place = sample->count;

	if (place == ACCEPT_QUEUE_SAMPLE) {
		place = youngest(sample);
		if (sample->ages_ms[place] >= row->last_data_recv_ms)
			return;
	} else {
		sample->count++;
	}
	sample->cookies[place] = row->cookie;
	sample->ages_ms[place] = row->last_data_recv_ms;
}

void accept_queue_pass_row(struct accept_queue *queue, const struct connection *row)
{
	struct accept_queue_pass *pass = &queue->pass;

	if (row->state == TCP_STATE_LISTEN) {
		pass->listening++;
		pass->waiting += row->rqueue;
		return;
	}
	/* one whose client has closed it still waits */
	if (row->state != TCP_STATE_ESTABLISHED && row->state != TCP_STATE_CLOSE_WAIT)
		return;
	if (row->inode != 0) {
		pass->accepted |= find(&queue->sample, row->cookie);
		return;
	}
	if (find(&pass->sample, row->cookie) != 0)
		return; /* a dump is not atomic: a row may come twice */
	pass->live++;
	pass->kept |= find(&queue->sample, row->cookie);
	remember(&pass->sample, row);
}

static unsigned count_bits(unsigned bits)
{
	unsigned count = 0;

	for (; bits != 0; bits &= bits - 1)
		count++;
	return count;
}

/* A connection that is gone was accepted and answered, or its client has reset it: then there is one
 * more dead. */
static bool has_moved(const struct accept_queue *queue, unsigned dead)
{
	const struct accept_queue_pass *pass = &queue->pass;
	unsigned gone = queue->sample.count - count_bits(pass->kept | pass->accepted);

	return queue->unmoved_since == MSEC_NEVER || pass->accepted != 0 ||
	       pass->waiting < queue->waiting || dead < queue->dead + gone;
}

void accept_queue_pass_end(struct accept_queue *queue, msec_t now)
{
	const struct accept_queue_pass *pass = &queue->pass;
	unsigned dead = pass->waiting > pass->live ? pass->waiting - pass->live : 0;

	if (pass->waiting == 0)
		queue->unmoved_since = MSEC_NEVER;
	else if (has_moved(queue, dead))
		queue->unmoved_since = now;
	queue->listening = pass->listening;
	queue->waiting = pass->waiting;
	queue->dead = dead;
	queue->sample = pass->sample;
	queue->polled_at = now;
}

void accept_queue_nobody_waits(struct accept_queue *queue, unsigned listening, msec_t now)
{
	accept_queue_pass_begin(queue);
	queue->pass.listening = listening;
	accept_queue_pass_end(queue, now);
}

msec_t accept_queue_stalled_for(const struct accept_queue *queue)
{
	return queue->unmoved_since == MSEC_NEVER ? 0 : queue->polled_at - queue->unmoved_since;
}

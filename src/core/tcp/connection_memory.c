/* SPDX-License-Identifier: MIT */
#include "core/tcp/connection_memory.h"

/* An acknowledgement without data that was sent later in a tie than this may be TCP keep-alive's, or tell of
 * a window. A probe of the client's closed window looks like one, too, from 200 ms on: bytes wait in the queue then. */
#define ACKNOWLEDGED_WITHIN_MS 300

/* Longer than the kernel's longest tick: a server that has sent all it had, and is not just sending. */
#define PAUSE_MS 12

/* The times are off by a tick, each; a retransmission comes 200 ms later at least. */
#define SENT_AGAIN_MS 40

/* The client's last byte came after what the application wrote last. */
#define WROTE_BEFORE (-(1 << 30))

/* A client that goes on after so long without an answer does not wait for one. */
#define TALKS_AFTER_MS 500

/* How long ago the application sent last. The kernel's number begins again with each retransmission, and
 * with bytes that had waited in the queue; the kernel counts the first. What it said of the request at the time still
 * holds then: both of its numbers were of one moment, and a poll that takes long shifts neither. */
static uint32_t sent_ms(const struct connection *c, const struct connection_memory *memory)
{
	uint32_t wrote_ms = c->last_data_recv_ms - (uint32_t)memory->wrote_after;

	if (memory->polled && memory->retransmitted != (uint16_t)c->retransmitted &&
		(int32_t)(wrote_ms - c->last_data_sent_ms) > SENT_AGAIN_MS)
		return wrote_ms;
	return c->last_data_sent_ms;
}

/* By how much it sent later than the client. */
static int32_t wrote_after(const struct connection *c)
{
	return (int32_t)(c->last_data_recv_ms - c->last_data_sent_ms);
}

/* For how long polls have seen nothing move and nothing unread: from one poll to another. */
static uint32_t still_ms(const struct connection_memory *memory)
{
	return memory->polled_at - memory->still_since;
}

/* A bare acknowledgement is proof that a request waits where only a delayed one can have been sent: since a
 * poll in the first 210 ms of a tie, and not long after them. The client's FIN is acknowledged, too. */
static bool is_acknowledged(
	const struct connection *c, const struct connection_memory *memory, uint32_t now)
{
	uint32_t pause_ms = now - memory->polled_at;

	return memory->bare_acks != (uint16_t)connection_bare_acks(c) && c->wqueue == 0 &&
	       c->state == TCP_STATE_ESTABLISHED && c->last_data_sent_ms == c->last_data_recv_ms &&
	       c->last_data_recv_ms <= ACKNOWLEDGED_WITHIN_MS &&
	       c->last_data_recv_ms <= pause_ms + DELAYED_ACK_MS;
}

static void note_received(
	struct connection_memory *memory, msec_t settle, bool has_written, uint32_t now)
{
	bool was_used = memory->received > 0 && memory->written > 0;

	if (memory->seen_leaving || has_written) {
		memory->asked_at = now;
		memory->has_asked = true;
	}
	if (still_ms(memory) >= MEMORY_STILL_MS && was_used && !memory->waits &&
		memory->rests < MEMORY_RESTS)
		memory->rests++;
	if (still_ms(memory) >= settle && was_used && !memory->waits && !memory->left_late &&
		!memory->is_stream && memory->plain < MEMORY_PLAIN_ANSWERS)
		memory->plain++;
	if (!has_written && memory->waits && still_ms(memory) >= TALKS_AFTER_MS)
		memory->talks = true;
	memory->seen_leaving = false;
	memory->has_paused = false;
	memory->is_stream = false;
}

static void note_written(struct connection_memory *memory, bool has_received)
{
	memory->talks = false;
	if (has_received)
		return;
	if (memory->has_paused) {
		memory->is_stream = true;
		memory->plain = 0;
	}
	memory->seen_leaving = true;
}

static void note_movement(
	struct connection_memory *memory, const struct connection *c, msec_t settle, uint32_t now)
{
	bool has_received = memory->received != connection_bytes_received(c);
	bool has_written = memory->written != connection_bytes_written(c);

	if (!has_received && !has_written) {
		memory->acknowledged = memory->acknowledged || is_acknowledged(c, memory, now);
		return;
	}
	memory->is_answered = has_written && !has_received && still_ms(memory) >= MEMORY_STILL_MS;
	if (has_received) {
		note_received(memory, settle, has_written, now);
		memory->wrote_after = WROTE_BEFORE;
	}
	if (has_written) {
		note_written(memory, has_received);
		memory->retransmitted = (uint16_t)c->retransmitted;
		/* bytes into a queue that does not move have not been sent yet */
		memory->wrote_after = now - memory->polled_at > c->last_data_sent_ms
					      ? wrote_after(c)
					      : (int32_t)c->last_data_recv_ms;
	}
	memory->acknowledged = false;
	memory->has_earlier = true;
	memory->earlier_bare_acks = memory->bare_acks;
	memory->still_since = now;
}

static bool waits(const struct connection *c, const struct connection_memory *memory)
{
	if (c->data_segs_in == 0)
		return false;
	return memory->acknowledged || c->data_segs_out == 0 ||
	       c->last_data_recv_ms < sent_ms(c, memory);
}

uint32_t connection_memory_later_ms(
	const struct connection *c, const struct connection_memory *memory)
{
	uint32_t sent = sent_ms(c, memory);

	return c->last_data_recv_ms > sent ? c->last_data_recv_ms - sent : 0;
}

void connection_memory_note(
	struct connection_memory *memory, const struct connection *c, msec_t settle, uint32_t now)
{
	/* what waits after the application has written is another request */
	bool waited = memory->waits && memory->written == connection_bytes_written(c);

	if (memory->polled) {
		note_movement(memory, c, settle, now);
	} else {
		memory->retransmitted = (uint16_t)c->retransmitted;
		memory->wrote_after = wrote_after(c);
		memory->still_since = now;
	}
	memory->polled = true;
	memory->polled_at = now;
	memory->received = connection_bytes_received(c);
	memory->written = connection_bytes_written(c);
	memory->bare_acks = (uint16_t)connection_bare_acks(c);
	if (connection_has_unread_bytes(c) || connection_is_unaccepted(c))
		memory->still_since = now;
	memory->has_paused =
		memory->has_paused ||
		(c->wqueue == 0 && connection_quiet_ms(c) >= PAUSE_MS &&
			(memory->seen_leaving || connection_memory_later_ms(c, memory) > settle));
	memory->waits = waits(c, memory);
	if (waited)
		return;
	memory->waits_since = now;
	memory->doubt = DOUBT_NONE;
}

/* At its end a FIN may have gone either way. */
bool connection_was_answered_since(
	const struct connection *last, const struct connection_memory *memory)
{
	uint32_t sent = connection_bytes_written(last) - memory->written;
	uint32_t received = (uint32_t)last->bytes_received - memory->received;

	return memory->seen_leaving || (memory->polled && sent > 1 && received <= 1);
}

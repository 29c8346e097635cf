/* SPDX-License-Identifier: MIT */
#include "core/connection_verdict.h"

#include <sys/socket.h>

/* TCP_DELACK_MAX of Linux, and the longest tick: a request that nobody answers for this long has been
 * acknowledged without data. */
#define DELAYED_ACK_MS 210

/* An acknowledgement without data that was sent later in a tie than this may be TCP keep-alive's, or tell of
 * a window. */
#define ACKNOWLEDGED_WITHIN_MS 300

/* A client acknowledges an answer by itself 40 to 200 ms later; TCP keep-alive, a second later at least. */
#define ANSWER_ACKED_WITHIN_MS 750

/* What a server says of its own accord (a greeting, a TLS handshake with a chain of certificates, SETTINGS
 * of HTTP/2) was at most 9 segments long. */
#define YOUNG_SEGMENTS 12

/* Polls that saw nothing move for a second, less what a prober's clock may be off. Two such rests, for the
 * first may be a client that stalls in its handshake. */
#define STILL_MS 900
#define RESTS 2

/* A client that asks so many times for what comes in one piece is taken to go on so. */
#define PLAIN_ANSWERS 2

/* An answer that left late, or that polls saw leave, may be one of several pieces. */
#define ANSWER_OPEN_MS 2000

/* Longer than the kernel's longest tick: a server that has sent all it had, and is not just sending. */
#define PAUSE_MS 12

/* The times are off by a tick, each; a retransmission comes 200 ms later at least. */
#define SENT_AGAIN_MS 40

/* A client that goes on after so long without an answer does not wait for one. */
#define TALKS_AFTER_MS 500

/* A half-open connection that has waited for longer has been asked again, unless the listener wants the
 * first byte before it takes anybody (TCP_DEFER_ACCEPT). */
#define HALF_OPEN_MS 1000

/* Four retransmissions, or probes of a closed window, without an answer, 200 ms and doubling, take 3 s at
 * least. */
#define GONE_RETRANSMITS 4
#define GONE_SILENT_MS 3000

/* A lone FIN is worth less: without it the peer only learns later that there is nothing more. */
#define FIN_RETRANSMITS 2

static const char class_names[][sizeof "closing"] = {
	[CONNECTION_OTHER] = "other",
	[CONNECTION_BUSY] = "busy",
	[CONNECTION_UNSURE] = "unsure",
	[CONNECTION_RECENT] = "recent",
	[CONNECTION_NEW] = "new",
	[CONNECTION_IDLE] = "idle",
	[CONNECTION_CLOSING] = "closing",
};
_Static_assert(
	sizeof class_names / sizeof *class_names == CONNECTION_CLASS_COUNT, "a class has no name");

static bool is_unaccepted(const struct connection *c)
{
	return c->inode == 0; /* of an open connection: still in the listener's queue */
}

static bool peer_is_gone(const struct connection *c)
{
	return c->has_info && c->retransmits + c->probes >= GONE_RETRANSMITS &&
	       c->last_ack_recv_ms >= GONE_SILENT_MS;
}

bool connection_is_undelivered(const struct connection *connection)
{
	if (connection->wqueue == 0 || peer_is_gone(connection))
		return false;
	return connection_undelivered_bytes(connection) > 0 ||
	       connection->retransmits < FIN_RETRANSMITS;
}

uint32_t connection_undelivered_bytes(const struct connection *connection)
{
	switch (connection->state) {
	case TCP_STATE_FIN_WAIT1:
	case TCP_STATE_CLOSING:
	case TCP_STATE_LAST_ACK:
		return connection->wqueue > 0 ? connection->wqueue - 1 : 0;
	default:
		return connection->wqueue;
	}
}

/* The peer's FIN counts as a byte. Whether it is there, the last event of a socket does not say. */
static bool may_end_with_fin(const struct connection *c)
{
	return c->state == TCP_STATE_CLOSE_WAIT || c->state == TCP_STATE_LAST_ACK ||
	       c->state == TCP_STATE_CLOSING || c->state == TCP_STATE_CLOSE;
}

/* Whether the application has bytes to read. The peer's FIN is no request. */
static bool has_unread_bytes(const struct connection *c)
{
	return c->rqueue > may_end_with_fin(c);
}

bool connection_is_unanswered(const struct connection *c)
{
	if (has_unread_bytes(c))
		return true;
	if (!c->has_info || c->data_segs_in == 0)
		return false;
	return c->data_segs_out == 0 || c->last_data_recv_ms < c->last_data_sent_ms;
}

uint32_t connection_quiet_ms(const struct connection *c)
{
	return c->last_data_sent_ms < c->last_data_recv_ms ? c->last_data_sent_ms
							   : c->last_data_recv_ms;
}

/* Without those that answered TCP keep-alive: the socket has dropped the segment that asked. */
static uint32_t bare_acks(const struct connection *c)
{
	return c->segs_out - c->data_segs_out - c->drops;
}

static uint32_t bytes_received(const struct connection *c)
{
	return (uint32_t)c->bytes_received - may_end_with_fin(c);
}

/* Counted where the application writes them: neither a retransmission nor an acknowledgement moves it. */
static uint32_t bytes_written(const struct connection *c)
{
	return (uint32_t)c->bytes_acked + c->wqueue;
}

/* ---- what polls leave ---- */

/* How long ago the application sent last. The kernel's number begins again with each retransmission, and
 * with bytes that had waited in the queue; the kernel counts the first. */
static uint32_t sent_ms(
	const struct connection *c, const struct connection_memory *memory, uint32_t now)
{
	uint32_t wrote_ms = now - memory->wrote_at;

	if (memory->polled && memory->retransmitted != (uint16_t)c->retransmitted &&
		wrote_ms > c->last_data_sent_ms && wrote_ms - c->last_data_sent_ms > SENT_AGAIN_MS)
		return wrote_ms;
	return c->last_data_sent_ms;
}

/* For how long polls have seen nothing move and nothing unread: from one poll to another. */
static uint32_t still_ms(const struct connection_memory *memory)
{
	return memory->polled_at - memory->still_since;
}

/* A bare acknowledgement is proof that a request waits where only a delayed one can have been sent: since a
 * poll in the first 210 ms of a tie, and not long after them. */
static bool is_acknowledged(
	const struct connection *c, const struct connection_memory *memory, uint32_t now)
{
	uint32_t pause_ms = now - memory->polled_at;

	return memory->bare_acks != (uint16_t)bare_acks(c) &&
	       c->last_data_sent_ms == c->last_data_recv_ms &&
	       c->last_data_recv_ms <= ACKNOWLEDGED_WITHIN_MS &&
	       c->last_data_recv_ms <= pause_ms + DELAYED_ACK_MS;
}

static void note_received(struct connection_memory *memory, const struct verdict_settings *settings,
	bool has_written, uint32_t now)
{
	bool was_used = memory->received > 0 && memory->written > 0;

	if (memory->seen_leaving || has_written) {
		memory->asked_at = now;
		memory->has_asked = true;
	}
	if (still_ms(memory) >= STILL_MS && was_used && !memory->waits && memory->rests < RESTS)
		memory->rests++;
	if (still_ms(memory) >= settings->settle && was_used && !memory->waits &&
		!memory->left_late && !memory->is_stream && memory->plain < PLAIN_ANSWERS)
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

static void note_movement(struct connection_memory *memory, const struct connection *c,
	const struct verdict_settings *settings, uint32_t now)
{
	bool has_received = memory->received != bytes_received(c);
	bool has_written = memory->written != bytes_written(c);

	if (!has_received && !has_written) {
		memory->acknowledged = memory->acknowledged || is_acknowledged(c, memory, now);
		return;
	}
	memory->is_answered = has_written && !has_received && still_ms(memory) >= STILL_MS;
	if (has_received)
		note_received(memory, settings, has_written, now);
	if (has_written) {
		note_written(memory, has_received);
		memory->retransmitted = (uint16_t)c->retransmitted;
		memory->wrote_at = now - memory->polled_at > c->last_data_sent_ms
					   ? now - c->last_data_sent_ms
					   : now; /* into a queue that does not move */
	}
	memory->acknowledged = false;
	memory->has_earlier = true;
	memory->earlier_bare_acks = memory->bare_acks;
	memory->still_since = now;
}

static bool waits(const struct connection *c, const struct connection_memory *memory, uint32_t now)
{
	if (c->data_segs_in == 0)
		return false;
	return memory->acknowledged || c->data_segs_out == 0 ||
	       c->last_data_recv_ms < sent_ms(c, memory, now);
}

/* By how much the last byte out left later than the last one came in. */
static uint32_t later_ms(
	const struct connection *c, const struct connection_memory *memory, uint32_t now)
{
	uint32_t sent = sent_ms(c, memory, now);

	return c->last_data_recv_ms > sent ? c->last_data_recv_ms - sent : 0;
}

static void remember(struct connection_memory *memory, const struct connection *c,
	const struct verdict_settings *settings, uint32_t now)
{
	bool waited = memory->waits;

	if (memory->polled) {
		note_movement(memory, c, settings, now);
	} else {
		memory->retransmitted = (uint16_t)c->retransmitted;
		memory->wrote_at = now - c->last_data_sent_ms;
		memory->still_since = now;
	}
	memory->polled = true;
	memory->polled_at = now;
	memory->received = bytes_received(c);
	memory->written = bytes_written(c);
	memory->bare_acks = (uint16_t)bare_acks(c);
	if (has_unread_bytes(c) || is_unaccepted(c))
		memory->still_since = now;
	memory->has_paused =
		memory->has_paused ||
		(c->wqueue == 0 && connection_quiet_ms(c) >= PAUSE_MS &&
			(memory->seen_leaving || later_ms(c, memory, now) > settings->settle));
	memory->waits = waits(c, memory, now);
	if (!waited)
		memory->waits_since = now;
}

/* ---- the verdict ---- */

/* For how long a connection has to be quiet for the doubt to end. */
static msec_t doubt_ms(enum connection_doubt doubt, const struct verdict_settings *settings)
{
	if (doubt == DOUBT_ANSWER_OPEN)
		return ANSWER_OPEN_MS;
	return settings->longest_request > 0 ? settings->longest_request : MSEC_NEVER;
}

static enum connection_class doubt(const struct connection *c, struct connection_memory *memory,
	enum connection_doubt kind, const struct verdict_settings *settings)
{
	memory->doubt = (unsigned)kind & 3;
	return connection_quiet_ms(c) < doubt_ms(kind, settings) ? CONNECTION_UNSURE
								 : CONNECTION_IDLE;
}

/* Whether so little has left that all of it may be the server's own words. */
static bool is_young(const struct connection *c, const struct connection_memory *memory)
{
	return c->data_segs_out <= YOUNG_SEGMENTS + c->retransmitted && memory->rests < RESTS;
}

/* Last request and last answer fell into the same tick of the kernel's clock: whether it was the answer that
 * came last. One that is acknowledged later than in this tick was not acknowledged by a request, for that
 * would be the last thing that moved. A request that waits for longer than a delayed acknowledgement is
 * acknowledged without data; so is the first of each connection, at once. docs/decisions/verdict.md has what
 * was tried. */
static bool tie_is_answered(const struct connection *c, const struct connection_memory *memory)
{
	uint32_t acked_after_ms = c->last_data_sent_ms - c->last_ack_recv_ms;

	if (c->last_ack_recv_ms < c->last_data_sent_ms && acked_after_ms <= ANSWER_ACKED_WITHIN_MS)
		return true;
	if (c->last_data_recv_ms < DELAYED_ACK_MS)
		return false;
	return bare_acks(c) <= 1 ||
	       (memory->has_earlier && memory->bare_acks == memory->earlier_bare_acks);
}

/* Nothing is unread or undelivered, and the application sent last, or in the same tick as the client. */
static enum connection_class judge_answered(const struct connection *c,
	struct connection_memory *memory, const struct verdict_settings *settings, uint32_t now)
{
	uint32_t later = later_ms(c, memory, now);
	bool is_proven = memory->is_answered ||
			 (!is_young(c, memory) && (later > 0 || tie_is_answered(c, memory)));

	memory->may_wait = !is_proven || memory->is_stream;
	memory->left_late = later > settings->settle;
	if (connection_quiet_ms(c) < settings->settle)
		return CONNECTION_RECENT;
	if (memory->is_stream || !is_proven || settings->listener_closed)
		return doubt(c, memory, DOUBT_NO_PROOF, settings);
	if (memory->left_late || (memory->seen_leaving && memory->plain < PLAIN_ANSWERS))
		return doubt(c, memory, DOUBT_ANSWER_OPEN, settings);
	return CONNECTION_IDLE;
}

/* Somebody waits. Only the user can know for how long that may be, and only from the stop on. */
static enum connection_class judge_waiting(
	struct connection_memory *memory, const struct verdict_settings *settings)
{
	uint32_t since_stop_ms = memory->polled_at - (uint32_t)settings->stopped_at;
	uint32_t waited_ms = memory->polled_at - memory->waits_since;

	if (!settings->is_longest_given || !settings->draining ||
		msec_min(waited_ms, since_stop_ms) < settings->longest_request)
		return CONNECTION_BUSY;
	memory->doubt = DOUBT_UNANSWERED;
	return CONNECTION_IDLE;
}

static enum connection_class judge_open(const struct connection *c,
	struct connection_memory *memory, const struct verdict_settings *settings, uint32_t now)
{
	memory->doubt = DOUBT_NONE;
	memory->may_wait = true;
	if (is_unaccepted(c) || has_unread_bytes(c))
		return CONNECTION_BUSY;
	if (c->wqueue > 0)
		return peer_is_gone(c) ? CONNECTION_IDLE : CONNECTION_BUSY;
	if (!c->has_info)
		return CONNECTION_BUSY;
	if (memory->waits)
		return judge_waiting(memory, settings);
	if (c->data_segs_in > 0)
		return judge_answered(c, memory, settings, now);
	memory->may_wait = false;
	return connection_quiet_ms(c) < settings->settle ? CONNECTION_RECENT : CONNECTION_NEW;
}

/* The kernel has no times and no counters of a unix-domain socket: bytes that wait are proof, all else is told by
 * what polls saw. */
static enum connection_class judge_unix(const struct connection *c,
	struct connection_memory *memory, const struct verdict_settings *settings)
{
	memory->doubt = DOUBT_NONE;
	memory->may_wait = true;
	if (c->rqueue > 0 || c->wqueue > 0)
		return CONNECTION_BUSY;
	if (c->state == TCP_STATE_CLOSE_WAIT)
		return CONNECTION_IDLE; /* nobody is there to answer */
	if (c->data_segs_in > 0 && connection_quiet_ms(c) < settings->settle)
		return CONNECTION_BUSY;
	return doubt(c, memory, DOUBT_NO_PROOF, settings);
}

/* It has sent nothing that the application could read. */
static enum connection_class judge_half_open(
	const struct connection *c, struct connection_memory *memory, uint32_t now)
{
	if (memory->still_since == 0)
		memory->still_since = now;
	return c->retransmits == 0 && now - memory->still_since <= HALF_OPEN_MS ? CONNECTION_RECENT
										: CONNECTION_OTHER;
}

enum connection_class connection_judge_again(const struct connection *c,
	struct connection_memory *memory, const struct verdict_settings *settings, msec_t now)
{
	uint32_t now_ms = (uint32_t)now;

	if (c->family == AF_UNIX)
		return judge_unix(c, memory, settings);
	switch ((enum tcp_state)c->state) {
	case TCP_STATE_ESTABLISHED:
	case TCP_STATE_CLOSE_WAIT: /* the client has sent its FIN, and still reads */
		if (c->has_info)
			remember(memory, c, settings, now_ms);
		return judge_open(c, memory, settings, now_ms);
	case TCP_STATE_SYN_RECV:
	case TCP_STATE_NEW_SYN_RECV: /* one that has to be asked twice is no client in a hurry */
		return judge_half_open(c, memory, now_ms);
	case TCP_STATE_FIN_WAIT1:
	case TCP_STATE_CLOSING:
	case TCP_STATE_LAST_ACK:
		return connection_is_undelivered(c) ? CONNECTION_CLOSING : CONNECTION_OTHER;
	case TCP_STATE_SYN_SENT:
	case TCP_STATE_FIN_WAIT2:
	case TCP_STATE_TIME_WAIT:
	case TCP_STATE_CLOSE:
	case TCP_STATE_LISTEN:
		return CONNECTION_OTHER;
	}
	return CONNECTION_OTHER;
}

enum connection_class connection_judge(
	const struct connection *connection, const struct verdict_settings *settings)
{
	struct connection_memory memory = {0};

	return connection_judge_again(connection, &memory, settings, 0);
}

/* At its end a FIN may have gone either way. */
bool connection_was_answered_since(
	const struct connection *last, const struct connection_memory *memory)
{
	uint32_t sent = bytes_written(last) - memory->written;
	uint32_t received = (uint32_t)last->bytes_received - memory->received;

	return memory->seen_leaving || (memory->polled && sent > 1 && received <= 1);
}

msec_t connection_doubt_ends_in(const struct connection *c, const struct connection_memory *memory,
	const struct verdict_settings *settings)
{
	return msec_max(
		doubt_ms((enum connection_doubt)memory->doubt, settings) - connection_quiet_ms(c),
		1);
}

const char *connection_class_name(enum connection_class connection_class)
{
	return class_names[connection_class];
}

/* SPDX-License-Identifier: MIT */
#include "core/tcp/connection_class.h"

#include <sys/socket.h>

/* A client acknowledges an answer by itself 40 to 200 ms later; TCP keep-alive, a second later at least. */
#define ANSWER_ACKED_WITHIN_MS 750

/* What a server says of its own accord (a greeting, a TLS handshake with a chain of certificates, SETTINGS
 * of HTTP/2) was at most 9 segments long. */
#define YOUNG_SEGMENTS 12

/* An answer that left late, or that polls saw leave, may be one of several pieces. */
#define ANSWER_OPEN_MS 2000

/* A half-open connection that has waited for longer has been asked again, unless the listener wants the
 * first byte before it accepts (TCP_DEFER_ACCEPT). */
#define HALF_OPEN_MS 1000

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

/* In how much of a silence of so long, until the last poll, lastcall did not run; at most. */
static msec_t absent_in(uint32_t silence_ms, const struct connection_memory *memory,
	const struct class_settings *settings)
{
	return settings->absent_ms > 0 &&
			       memory->polled_at - (uint32_t)settings->absent_until <= silence_ms
		       ? settings->absent_ms
		       : 0;
}

/* For how long a connection has to be quiet for the doubt to end. */
static msec_t doubt_ms(const struct connection *c, const struct connection_memory *memory,
	const struct class_settings *settings)
{
	msec_t absent_ms = absent_in(connection_quiet_ms(c), memory, settings);

	if (memory->doubt == DOUBT_ANSWER_OPEN)
		return ANSWER_OPEN_MS + absent_ms;
	return settings->longest_request > 0 ? settings->longest_request + absent_ms : MSEC_NEVER;
}

/* A silence that has once been long enough stays so: the kernel's times are in ticks, and whether an absence belongs
 * to the silence may change from one poll to the next. */
static enum connection_class doubt(const struct connection *c, struct connection_memory *memory,
	enum connection_doubt kind, const struct class_settings *settings)
{
	memory->doubt = (unsigned)kind & 3;
	if (connection_quiet_ms(c) >= doubt_ms(c, memory, settings))
		memory->over |= (unsigned)kind & 3;
	return memory->over & kind ? CONNECTION_IDLE : CONNECTION_UNSURE;
}

/* Takes in what this poll has seen. Bytes that moved begin another silence, and what the last poll took for silence may
 * have been an absence. */
static void note_poll(const struct connection *c, struct connection_memory *memory,
	const struct class_settings *settings, uint32_t now)
{
	const uint32_t interrupted = (uint32_t)settings->interrupted_until - memory->polled_at;

	connection_memory_note(memory, c, settings->settle, now);
	if (memory->still_since == now || (int32_t)interrupted > 0)
		memory->over = 0;
	if ((int32_t)interrupted > 0)
		memory->doubt = DOUBT_NONE;
}

/* Whether so little has left that all of it may be the server's own words. */
static bool is_young(const struct connection *c, const struct connection_memory *memory)
{
	return c->data_segs_out <= YOUNG_SEGMENTS + c->retransmitted &&
	       memory->rests < MEMORY_RESTS;
}

/* Last request and last answer fell into the same tick of the kernel's clock: whether it was the answer that
 * came last. One that is acknowledged later than in this tick was not acknowledged by a request, for that
 * would be the last thing that moved. A request that waits for longer than a delayed acknowledgement is
 * acknowledged without data; so is the first of each connection, at once. A FIN acknowledges, too, and may follow a
 * request that waits. docs/decisions/verdict.md has what was tried. */
static bool tie_is_answered(const struct connection *c, const struct connection_memory *memory)
{
	uint32_t acked_after_ms = c->last_data_sent_ms - c->last_ack_recv_ms;

	if (c->last_ack_recv_ms < c->last_data_sent_ms &&
		acked_after_ms <= ANSWER_ACKED_WITHIN_MS && c->state == TCP_STATE_ESTABLISHED)
		return true;
	if (c->last_data_recv_ms < DELAYED_ACK_MS)
		return false;
	return connection_bare_acks(c) <= 1 ||
	       (memory->has_earlier && memory->bare_acks == memory->earlier_bare_acks);
}

/* Nothing is unread or undelivered, and the application sent last, or in the same tick as the client. */
static enum connection_class judge_answered(const struct connection *c,
	struct connection_memory *memory, const struct class_settings *settings)
{
	uint32_t later = connection_memory_later_ms(c, memory);
	bool is_proven = memory->is_answered ||
			 (!is_young(c, memory) && (later > 0 || tie_is_answered(c, memory)));

	memory->may_wait = !is_proven || memory->is_stream;
	memory->left_late = later > settings->settle;
	if (connection_quiet_ms(c) < settings->settle)
		return CONNECTION_RECENT;
	if (memory->is_stream || !is_proven || settings->listener_closed)
		return doubt(c, memory, DOUBT_NO_PROOF, settings);
	if (memory->left_late || (memory->seen_leaving && memory->plain < MEMORY_PLAIN_ANSWERS))
		return doubt(c, memory, DOUBT_ANSWER_OPEN, settings);
	return CONNECTION_IDLE;
}

/* A request waits. Only the user can know for how long that may be, and only from the stop on. A wait that was over at
 * the last poll stays so, however late lastcall has been since. */
static enum connection_class judge_waiting(
	struct connection_memory *memory, const struct class_settings *settings, bool was_over)
{
	uint32_t since_stop_ms = memory->polled_at - (uint32_t)settings->stopped_at;
	uint32_t waited_ms = memory->polled_at - memory->waits_since;

	if (!was_over &&
		(!settings->is_longest_given || !settings->draining ||
			msec_min(waited_ms, since_stop_ms) <
				settings->longest_request + absent_in(waited_ms, memory, settings)))
		return CONNECTION_BUSY;
	memory->doubt = DOUBT_UNANSWERED;
	return CONNECTION_IDLE;
}

static enum connection_class judge_open(const struct connection *c,
	struct connection_memory *memory, const struct class_settings *settings)
{
	const bool was_over = memory->doubt == DOUBT_UNANSWERED;

	memory->doubt = DOUBT_NONE;
	memory->may_wait = true;
	if (connection_is_unaccepted(c) || connection_has_unread_bytes(c))
		return CONNECTION_BUSY;
	if (c->wqueue > 0)
		return connection_peer_is_gone(c) ? CONNECTION_IDLE : CONNECTION_BUSY;
	if (!c->has_info)
		return CONNECTION_BUSY;
	if (memory->waits)
		return judge_waiting(memory, settings, was_over);
	if (c->data_segs_in > 0)
		return judge_answered(c, memory, settings);
	memory->may_wait = false;
	return connection_quiet_ms(c) < settings->settle ? CONNECTION_RECENT : CONNECTION_NEW;
}

/* The kernel has no times and no counters of a unix-domain socket: bytes that wait are proof, all else
 * follows from what polls saw. */
static enum connection_class judge_unix(const struct connection *c,
	struct connection_memory *memory, const struct class_settings *settings, uint32_t now)
{
	memory->polled_at = now;
	memory->over = 0;
	memory->doubt = DOUBT_NONE;
	memory->may_wait = true;
	if (c->rqueue > 0 || c->wqueue > 0)
		return CONNECTION_BUSY;
	if (c->state == TCP_STATE_CLOSE_WAIT)
		return CONNECTION_IDLE; /* the client is gone: there is nothing to answer */
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

enum connection_class connection_classify(const struct connection *c,
	struct connection_memory *memory, const struct class_settings *settings, msec_t now)
{
	uint32_t now_ms = (uint32_t)now;

	if (c->family == AF_UNIX)
		return judge_unix(c, memory, settings, now_ms);
	switch ((enum tcp_state)c->state) {
	case TCP_STATE_ESTABLISHED:
	case TCP_STATE_CLOSE_WAIT: /* the client has sent its FIN, and still reads */
		if (c->has_info)
			note_poll(c, memory, settings, now_ms);
		return judge_open(c, memory, settings);
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
	const struct connection *connection, const struct class_settings *settings)
{
	struct connection_memory memory = {0};

	return connection_classify(connection, &memory, settings, 0);
}

msec_t connection_doubt_ends_in(const struct connection *c, const struct connection_memory *memory,
	const struct class_settings *settings)
{
	return msec_max(doubt_ms(c, memory, settings) - connection_quiet_ms(c), 1);
}

const char *connection_class_name(enum connection_class connection_class)
{
	return class_names[connection_class];
}

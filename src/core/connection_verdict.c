/* SPDX-License-Identifier: MIT */
#include "core/connection_verdict.h"

/* TCP_DELACK_MAX of Linux, and the longest tick: a request that nobody answers for this long has been
 * acknowledged without data. */
#define DELAYED_ACK_MS 210

/* How long a tie that nothing resolves is held as busy, counted from the last byte: longer than nearly
 * all requests take, and idle connections have mostly been quiet for longer already. */
#define TIE_HOLD_MS 5000

/* The same where the counters say that the request is likely to wait, as in a long poll. */
#define LIKELY_HOLD_MS 60000
#define LIKELY_SEGMENTS_MIN 8

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

/* Whether the application has bytes to read. The peer's FIN counts as one until it is read, and is no
 * request; whether it is there, the last event of a socket does not say. */
static bool has_unread_bytes(const struct connection *c)
{
	bool may_be_fin = c->state == TCP_STATE_CLOSE_WAIT || c->state == TCP_STATE_LAST_ACK ||
			  c->state == TCP_STATE_CLOSING || c->state == TCP_STATE_CLOSE;

	return c->rqueue > may_be_fin;
}

bool connection_is_unanswered(const struct connection *c)
{
	if (has_unread_bytes(c))
		return true;
	if (!c->has_info || c->data_segs_in == 0)
		return false;
	return c->data_segs_out == 0 || c->last_data_recv_ms < c->last_data_sent_ms;
}

/* What moved last, as far as the counters tell. */
enum connection_order { ORDER_UNKNOWN, ORDER_LIKELY_PENDING, ORDER_ANSWERED, ORDER_PENDING };

uint32_t connection_quiet_ms(const struct connection *c)
{
	return c->last_data_sent_ms < c->last_data_recv_ms ? c->last_data_sent_ms
							   : c->last_data_recv_ms;
}

static uint32_t bare_acks(const struct connection *c)
{
	return c->segs_out - c->data_segs_out;
}

/* A conversation of single segments that has one more in than out, with a client that does not use to
 * acknowledge an answer by itself: its next request did. An upload has more segments in as well, which
 * is why the difference has to be one. */
static bool one_segment_is_unanswered(const struct connection *c)
{
	uint32_t bare_acks_in = c->segs_in - c->data_segs_in;

	return c->data_segs_in >= LIKELY_SEGMENTS_MIN && c->data_segs_in == c->data_segs_out + 1 &&
	       bare_acks_in < c->data_segs_in / 4 * 3;
}

/* Last request and last answer fell into the same tick of the kernel's clock: which came last? What
 * one look can tell. An answer that is acknowledged later than in this tick was not acknowledged by a
 * request, for that would be the last thing that moved. A request that waits for longer than a delayed
 * acknowledgement is acknowledged without data; so is the first of each connection, at once.
 * docs/decisions/ties.md has what was tried. */
static enum connection_order tie_order(const struct connection *c)
{
	if (c->last_ack_recv_ms < c->last_data_recv_ms)
		return ORDER_ANSWERED;
	if (c->last_data_recv_ms >= DELAYED_ACK_MS && bare_acks(c) <= 1)
		return ORDER_ANSWERED;
	return one_segment_is_unanswered(c) ? ORDER_LIKELY_PENDING : ORDER_UNKNOWN;
}

static bool is_tie(const struct connection *c)
{
	return c->last_data_sent_ms == c->last_data_recv_ms;
}

/* What an earlier look adds. An acknowledgement and nothing else since the first look at this tie means
 * that the request waits; none since before the tie, that it was answered. */
static enum connection_order order_since(const struct connection *c,
	const struct connection_memory *memory, enum connection_order otherwise)
{
	if (memory->bare_acks != memory->first_bare_acks)
		return ORDER_PENDING;
	if (memory->has_earlier && memory->bare_acks == memory->earlier_bare_acks &&
		c->last_data_recv_ms >= DELAYED_ACK_MS)
		return ORDER_ANSWERED;
	return otherwise;
}

static bool has_moved(const struct connection_memory *memory, const struct connection *c)
{
	return memory->data_segs_in != (uint16_t)c->data_segs_in ||
	       memory->data_segs_out != (uint16_t)c->data_segs_out;
}

static void remember(struct connection_memory *memory, const struct connection *c)
{
	uint16_t bare = (uint16_t)bare_acks(c);

	if (!memory->looked) {
		memory->first_bare_acks = bare;
	} else if (has_moved(memory, c)) {
		memory->has_earlier = true;
		memory->earlier_bare_acks = memory->bare_acks;
		memory->first_bare_acks = bare;
	}
	memory->looked = true;
	memory->data_segs_in = (uint16_t)c->data_segs_in;
	memory->data_segs_out = (uint16_t)c->data_segs_out;
	memory->bare_acks = bare;
}

static enum connection_class hold(const struct connection *c, uint32_t hold_ms)
{
	if (c->last_data_recv_ms < DELAYED_ACK_MS)
		return CONNECTION_RECENT;
	return c->last_data_recv_ms < hold_ms ? CONNECTION_BUSY : CONNECTION_IDLE;
}

static enum connection_class judge_tie(
	const struct connection *c, const struct connection_memory *memory)
{
	enum connection_order order = tie_order(c);

	if (order == ORDER_UNKNOWN || order == ORDER_LIKELY_PENDING)
		order = order_since(c, memory, order);
	switch (order) {
	case ORDER_ANSWERED:
		return CONNECTION_IDLE;
	case ORDER_PENDING:
		return CONNECTION_BUSY;
	case ORDER_LIKELY_PENDING:
		return hold(c, LIKELY_HOLD_MS);
	case ORDER_UNKNOWN:
		break;
	}
	return hold(c, TIE_HOLD_MS);
}

static bool is_over(const struct connection *c, msec_t longest_request)
{
	return longest_request > 0 && connection_quiet_ms(c) >= longest_request;
}

static enum connection_class judge_open(const struct connection *c,
	const struct connection_memory *memory, const struct verdict_settings *settings)
{
	if (is_unaccepted(c) || has_unread_bytes(c))
		return CONNECTION_BUSY;
	if (c->wqueue > 0)
		return peer_is_gone(c) ? CONNECTION_IDLE : CONNECTION_BUSY;
	if (!c->has_info)
		return CONNECTION_BUSY;
	if (is_over(c, settings->longest_request))
		return c->data_segs_in == 0 ? CONNECTION_NEW : CONNECTION_IDLE;
	if (connection_is_unanswered(c))
		return CONNECTION_BUSY;
	if (settings->listener_closed && c->data_segs_in > 0)
		return CONNECTION_BUSY;
	if (connection_quiet_ms(c) < settings->settle)
		return CONNECTION_RECENT;
	if (c->data_segs_in == 0)
		return CONNECTION_NEW;
	if (is_tie(c))
		return judge_tie(c, memory);
	return CONNECTION_IDLE;
}

static enum connection_class judge(const struct connection *connection,
	const struct connection_memory *memory, const struct verdict_settings *settings)
{
	switch ((enum tcp_state)connection->state) {
	case TCP_STATE_ESTABLISHED:
	case TCP_STATE_CLOSE_WAIT: /* the client has sent its FIN, and still reads */
		return judge_open(connection, memory, settings);
	case TCP_STATE_SYN_RECV:
	case TCP_STATE_NEW_SYN_RECV: /* one that has to be asked twice is no client in a hurry */
		return connection->retransmits == 0 ? CONNECTION_RECENT : CONNECTION_OTHER;
	case TCP_STATE_FIN_WAIT1:
	case TCP_STATE_CLOSING:
	case TCP_STATE_LAST_ACK:
		return connection_is_undelivered(connection) ? CONNECTION_CLOSING
							     : CONNECTION_OTHER;
	case TCP_STATE_SYN_SENT:
	case TCP_STATE_FIN_WAIT2:
	case TCP_STATE_TIME_WAIT:
	case TCP_STATE_CLOSE:
	case TCP_STATE_LISTEN:
		return CONNECTION_OTHER;
	}
	return CONNECTION_OTHER;
}

enum connection_class connection_judge_again(const struct connection *connection,
	struct connection_memory *memory, const struct verdict_settings *settings)
{
	if (connection->has_info)
		remember(memory, connection);
	return judge(connection, memory, settings);
}

enum connection_class connection_judge(
	const struct connection *connection, const struct verdict_settings *settings)
{
	struct connection_memory memory = {0};

	return connection_judge_again(connection, &memory, settings);
}

const char *connection_class_name(enum connection_class connection_class)
{
	return class_names[connection_class];
}

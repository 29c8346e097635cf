/* SPDX-License-Identifier: MIT */
#include "core/connection_verdict.h"

/* TCP_DELACK_MAX of Linux: a request that nobody answers for this long gets an acknowledgement
 * without data. */
#define DELAYED_ACK_MS 200

/* How long a tie that nothing resolves is held as busy, counted from the last byte: longer than nearly
 * all requests take, and idle connections have mostly been quiet for longer already. */
#define TIE_HOLD_MS 5000

/* Four retransmissions without an answer, 200 ms and doubling, take 3 s at least. */
#define GONE_RETRANSMITS 4
#define GONE_SILENT_MS 3000

/* A lone FIN is worth less: without it the peer only learns later that there is nothing more. */
#define FIN_RETRANSMITS 2

static const char *const class_names[] = {
	[CONNECTION_OTHER] = "other",
	[CONNECTION_BUSY] = "busy",
	[CONNECTION_RECENT] = "recent",
	[CONNECTION_NEW] = "new",
	[CONNECTION_IDLE] = "idle",
	[CONNECTION_CLOSING] = "closing",
};
_Static_assert(sizeof class_names / sizeof *class_names == CONNECTION_CLASS_COUNT,
	"a class has no name");

static bool is_unaccepted(const struct connection *c)
{
	return c->inode == 0; /* of an open connection: still in the listener's queue */
}

static bool peer_is_gone(const struct connection *c)
{
	return c->has_info && c->retransmits >= GONE_RETRANSMITS &&
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

bool connection_is_unanswered(const struct connection *c)
{
	if (c->rqueue > 0)
		return true;
	if (!c->has_info || c->bytes_received == 0)
		return false;
	return c->data_segs_out == 0 || c->last_data_recv_ms < c->last_data_sent_ms;
}

/* Last request and last answer fell into the same tick of the kernel's clock: which came last? A
 * request that waits for longer than a delayed acknowledgement is acknowledged without data, and
 * an answer is acknowledged by the client later than it was sent. */
static enum connection_class judge_tie(const struct connection *c)
{
	uint32_t bare_acks = c->segs_out - c->data_segs_out;

	if (c->last_data_recv_ms < DELAYED_ACK_MS)
		return CONNECTION_RECENT;
	if (c->last_ack_recv_ms < c->last_data_recv_ms || bare_acks <= 1)
		return CONNECTION_IDLE;
	return c->last_data_recv_ms < TIE_HOLD_MS ? CONNECTION_BUSY : CONNECTION_IDLE;
}

static enum connection_class judge_open(
	const struct connection *c, const struct verdict_settings *settings)
{
	uint32_t quiet_ms = c->last_data_sent_ms < c->last_data_recv_ms ? c->last_data_sent_ms
									: c->last_data_recv_ms;

	if (is_unaccepted(c) || c->rqueue > 0)
		return CONNECTION_BUSY;
	if (c->wqueue > 0)
		return peer_is_gone(c) ? CONNECTION_IDLE : CONNECTION_BUSY;
	if (!c->has_info)
		return CONNECTION_BUSY;
	if (connection_is_unanswered(c))
		return CONNECTION_BUSY;
	if (settings->listener_closed && c->bytes_received > 0)
		return CONNECTION_BUSY;
	if (quiet_ms < settings->settle)
		return CONNECTION_RECENT;
	if (c->bytes_received == 0)
		return CONNECTION_NEW;
	if (c->last_data_sent_ms == c->last_data_recv_ms)
		return judge_tie(c);
	return CONNECTION_IDLE;
}

enum connection_class connection_judge(
	const struct connection *connection, const struct verdict_settings *settings)
{
	switch ((enum tcp_state)connection->state) {
	case TCP_STATE_ESTABLISHED:
	case TCP_STATE_CLOSE_WAIT: /* the client has sent its FIN, and still reads */
		return judge_open(connection, settings);
	case TCP_STATE_SYN_RECV:
	case TCP_STATE_NEW_SYN_RECV: /* one that has to be asked twice is no client in a hurry */
		return connection->retransmits == 0 ? CONNECTION_RECENT : CONNECTION_OTHER;
	case TCP_STATE_FIN_WAIT1:
	case TCP_STATE_CLOSING:
	case TCP_STATE_LAST_ACK:
		return connection_is_undelivered(connection) ? CONNECTION_CLOSING : CONNECTION_OTHER;
	case TCP_STATE_SYN_SENT:
	case TCP_STATE_FIN_WAIT2:
	case TCP_STATE_TIME_WAIT:
	case TCP_STATE_CLOSE:
	case TCP_STATE_LISTEN:
		return CONNECTION_OTHER;
	}
	return CONNECTION_OTHER;
}

const char *connection_class_name(enum connection_class connection_class)
{
	return class_names[connection_class];
}

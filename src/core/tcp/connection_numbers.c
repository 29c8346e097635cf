/* SPDX-License-Identifier: MIT */
#include "core/tcp/connection_numbers.h"

/* Four retransmissions, or probes of a closed window, without an answer, 200 ms and doubling, take 3 s at
 * least. */
#define GONE_RETRANSMITS 4
#define GONE_SILENT_MS 3000

/* A lone FIN is worth less: without it the peer only learns later that there is nothing more. */
#define FIN_RETRANSMITS 2

bool connection_is_unaccepted(const struct connection *c)
{
	return c->inode == 0; /* of an open connection: still in the listener's queue */
}

bool connection_peer_is_gone(const struct connection *c)
{
	return c->has_info && c->retransmits + c->probes >= GONE_RETRANSMITS &&
	       c->last_ack_recv_ms >= GONE_SILENT_MS;
}

bool connection_is_undelivered(const struct connection *connection)
{
	if (connection->wqueue == 0 || connection_peer_is_gone(connection))
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

bool connection_has_unread_bytes(const struct connection *c)
{
	return c->rqueue > may_end_with_fin(c);
}

bool connection_is_unanswered(const struct connection *c)
{
	if (connection_has_unread_bytes(c))
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

uint32_t connection_bare_acks(const struct connection *c)
{
	return c->segs_out - c->data_segs_out - c->drops;
}

uint32_t connection_bytes_received(const struct connection *c)
{
	return (uint32_t)c->bytes_received - may_end_with_fin(c);
}

uint32_t connection_bytes_written(const struct connection *c)
{
	return (uint32_t)c->bytes_acked + c->wqueue;
}

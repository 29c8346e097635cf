/* SPDX-License-Identifier: MIT */
#include "core/codec/mptcp_rows.h"

#include <string.h>

/* Where the kernel does not name the subflows (before Linux 6.15). */
#define INTERVAL_MS 1000

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

bool mptcp_rows_is_due(
	const struct mptcp_rows *rows, bool names_subflows, bool is_stopping, msec_t now)
{
	if (names_subflows)
		return false;
	return rows->count > 0 || (is_stopping && now >= rows->due_at);
}

void mptcp_rows_begin(struct mptcp_rows *rows)
{
	rows->count = rows->subflow_count = 0;
	rows->is_read = rows->is_partial = false;
}

void mptcp_rows_end(struct mptcp_rows *rows, bool is_whole, msec_t now)
{
	rows->is_read = true;
	rows->is_partial |= !is_whole || rows->count == MPTCP_ROWS_MAX;
	rows->due_at = msec_add(now, INTERVAL_MS);
}

/* A kernel that does not know the protocol answers with rows of TCP (before Linux 5.9). */
void mptcp_rows_add(struct mptcp_rows *rows, const struct connection *row)
{
	if (row->is_mptcp && row->state != TCP_STATE_LISTEN && rows->count < MPTCP_ROWS_MAX)
		rows->rows[rows->count++] = (struct mptcp_row){.row = *row};
}

static bool has_same_ends(const struct connection *a, const struct connection *b)
{
	return a->local_port == b->local_port && a->peer_port == b->peer_port &&
	       a->family == b->family && memcmp(a->peer, b->peer, sizeof a->peer) == 0;
}

/* The first subflow has the connection's ends, before it is accepted and after its close, too; a further one is
 * known by the descriptor's inode. */
static struct mptcp_row *find(struct mptcp_rows *rows, const struct connection *subflow)
{
	struct mptcp_row *by_inode = NULL;

	for (size_t i = 0; i < rows->count; i++) {
		struct mptcp_row *row = &rows->rows[i];

		if (has_same_ends(&row->row, subflow))
			return row;
		if (subflow->inode != 0 && row->row.inode == subflow->inode)
			by_inode = row;
	}
	return by_inode;
}

static void note_joined(struct mptcp_rows *rows, uint64_t cookie)
{
	if (!mptcp_rows_has_joined(rows, cookie))
		rows->joined[rows->joined_count++ % MPTCP_JOINED_MAX] = cookie;
}

/* The whole's state, owner and queues with a subflow's times and counters. After a fallback to TCP the queues are the
 * subflow's. */
static void take_first(struct mptcp_row *row, const struct connection *subflow)
{
	struct connection merged = *subflow;

	merged.is_mptcp = true; /* also where the kernel does not name it in TCP's row */
	merged.state = row->row.state;
	merged.inode = row->row.inode;
	merged.rqueue = larger(row->row.rqueue, subflow->rqueue);
	merged.wqueue = larger(row->row.wqueue, subflow->wqueue);
	row->row = merged;
	row->has_subflow = true;
}

static void take_further(struct connection *row, const struct connection *subflow)
{
	row->last_data_sent_ms = smaller(row->last_data_sent_ms, subflow->last_data_sent_ms);
	row->last_data_recv_ms = smaller(row->last_data_recv_ms, subflow->last_data_recv_ms);
	row->last_ack_recv_ms = smaller(row->last_ack_recv_ms, subflow->last_ack_recv_ms);
	row->bytes_acked += subflow->bytes_acked;
	row->bytes_received += subflow->bytes_received;
	row->segs_out += subflow->segs_out;
	row->segs_in += subflow->segs_in;
	row->data_segs_out += subflow->data_segs_out;
	row->data_segs_in += subflow->data_segs_in;
	row->retransmitted += subflow->retransmitted;
	row->drops += subflow->drops;
}

bool mptcp_rows_merge(struct mptcp_rows *rows, const struct connection *subflow)
{
	struct mptcp_row *row = find(rows, subflow);

	if (row == NULL)
		return subflow->is_mptcp &&
		       subflow->state != TCP_STATE_LISTEN; /* left of one that is gone */
	if (!row->has_subflow) {
		take_first(row, subflow);
		return true;
	}
	if (row->row.cookie != subflow->cookie) { /* a dump may have a row twice */
		note_joined(rows, subflow->cookie);
		take_further(&row->row, subflow);
	}
	return true;
}

static bool hold(struct mptcp_rows *rows, const struct connection *subflow)
{
	if (rows->subflow_count == MPTCP_ROWS_MAX) {
		rows->is_partial = true;
		return false;
	}
	rows->subflows[rows->subflow_count++] = *subflow;
	return true;
}

bool mptcp_rows_take(struct mptcp_rows *rows, const struct connection *row)
{
	if (rows->is_partial)
		return false;
	if (rows->is_read)
		return mptcp_rows_merge(rows, row);
	return row->is_mptcp && row->state != TCP_STATE_LISTEN && hold(rows, row);
}

bool mptcp_rows_awaits_dump(const struct mptcp_rows *rows)
{
	return rows->subflow_count > 0 && !rows->is_read && !rows->is_partial;
}

bool mptcp_rows_has_joined(const struct mptcp_rows *rows, uint64_t cookie)
{
	for (size_t i = 0; i < rows->joined_count && i < MPTCP_JOINED_MAX; i++) {
		if (rows->joined[i] == cookie)
			return true;
	}
	return false;
}

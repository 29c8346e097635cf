/* SPDX-License-Identifier: MIT */
/* One row for each MPTCP connection. The kernel has a TCP row for each of its subflows, whose times and
 * counters are true, and one of MPTCP for the whole, whose queues, state and owner are (Linux 6.18). */
#pragma once

#include "core/tcp/connection.h"

#include <stddef.h>

#define MPTCP_ROWS_MAX 4096
#define MPTCP_JOINED_MAX 1024

struct mptcp_row {
	struct connection row; /* MPTCP's, until a subflow has been merged into it */
	bool has_subflow;
};

struct mptcp_rows {
	size_t count, joined_count;
	struct mptcp_row rows[MPTCP_ROWS_MAX];
	uint64_t joined[MPTCP_JOINED_MAX]; /* cookies of further subflows, in a ring */
};

void mptcp_rows_begin(struct mptcp_rows *rows);

/* A row of a dump of MPTCP. */
void mptcp_rows_add(struct mptcp_rows *rows, const struct connection *row);

/* A row of a dump of TCP. Returns whether it is a subflow, which says nothing by itself. */
bool mptcp_rows_merge(struct mptcp_rows *rows, const struct connection *subflow);

/* Whether the socket is a further subflow of a connection: its end is not the connection's. */
bool mptcp_rows_has_joined(const struct mptcp_rows *rows, uint64_t cookie);

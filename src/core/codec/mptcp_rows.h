/* SPDX-License-Identifier: MIT */
/* One row for each MPTCP connection. The kernel has a TCP row for each of its subflows, whose times and
 * counters are true, and one of MPTCP for the whole, whose queues, state and owner are (Linux 6.18). A poll
 * makes a dump of TCP, and at most one of MPTCP: before it where the kernel does not name the subflows, and
 * behind it where the dump of TCP has named some. */
#pragma once

#include "core/tcp/connection.h"
#include "core/text/msec.h"

#include <stddef.h>

#define MPTCP_ROWS_MAX 4096
#define MPTCP_JOINED_MAX 1024

struct mptcp_row {
	struct connection row; /* MPTCP's, until a subflow has been merged into it */
	bool has_subflow;
};

struct mptcp_rows {
	bool is_read; /* the poll under way has made a dump of MPTCP, */
	bool is_partial; /* which failed, or there is no room for all rows */
	msec_t due_at; /* where the kernel does not name subflows */
	size_t count, joined_count;
	size_t subflow_count; /* held until MPTCP is dumped */
	struct mptcp_row rows[MPTCP_ROWS_MAX];
	struct connection subflows[MPTCP_ROWS_MAX];
	uint64_t joined[MPTCP_JOINED_MAX]; /* cookies of further subflows, in a ring */
};

/* Whether the next poll is to dump MPTCP before TCP. The dump takes some milliseconds, whatever it finds: the
 * kernel walks a table of its own. So it is never due where the kernel names each subflow in the dump of TCP
 * (names_subflows, since Linux 6.15); else at each poll once the last one has found a connection, and once a
 * second during a stop. */
bool mptcp_rows_is_due(
	const struct mptcp_rows *rows, bool names_subflows, bool is_stopping, msec_t now);

/* A poll begins. */
void mptcp_rows_begin(struct mptcp_rows *rows);

/* A row of a dump of MPTCP. */
void mptcp_rows_add(struct mptcp_rows *rows, const struct connection *row);

/* The dump of MPTCP is over; is_whole: it has not failed. */
void mptcp_rows_end(struct mptcp_rows *rows, bool is_whole, msec_t now);

/* A row of the dump of TCP. Returns whether it counts with its connection; false: it counts by itself. That
 * holds for all where not all of MPTCP is known: a subflow without its connection's row would count for
 * nothing, with a request in flight. One that the kernel names before MPTCP was dumped is held. */
bool mptcp_rows_take(struct mptcp_rows *rows, const struct connection *row);

/* Whether subflows are held, for which MPTCP is to be dumped. They are to be taken again then. */
bool mptcp_rows_awaits_dump(const struct mptcp_rows *rows);

/* A row of a dump of TCP. Returns whether it is a subflow, which says nothing by itself. */
bool mptcp_rows_merge(struct mptcp_rows *rows, const struct connection *subflow);

/* Whether the socket is a further subflow of a connection: its end is not the connection's. */
bool mptcp_rows_has_joined(const struct mptcp_rows *rows, uint64_t cookie);

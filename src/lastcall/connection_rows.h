/* SPDX-License-Identifier: MIT */
/* The rows of one poll: dumps the sockets on the application's ports, its MPTCP connections and those to its
 * unix-domain listeners, and passes each to the accept queue and to the connection tracker, classified as a
 * client's, the application's own, one of lastcall's checks, or not known. */
#pragma once

#include "core/codec/mptcp_rows.h"
#include "core/tcp/accept_queue.h"
#include "core/tcp/own_checks.h"
#include "core/tcp/survey_choice.h"
#include "lastcall/socket_survey.h"
#include "lastcall/unix_watch.h"

struct connection_rows {
	/* the caller's */
	struct detector *detector;
	struct app_ports *ports;
	struct conn_tracker *tracker;
	struct accept_queue *queue;

	struct own_checks own;
	msec_t now; /* of the poll under way */
	bool may_survey; /* in this poll, if a row requires it */
	bool is_survey; /* the dump under way is one, too: it shows all connections of the namespace */
	bool is_surveyed; /* once since the stop */
	unsigned
		new_here; /* connections from this machine in this poll that no survey has classified */
	msec_t read_at; /* the last dump of the last poll began then */
	int64_t walk_us; /* its processor time; 0: that poll made none */

	struct socket_survey survey; /* from here on mostly untouched */
	struct unix_watch unix_sockets;
	struct mptcp_rows mptcp;
	struct connection aside[SURVEY_ASIDE_MAX]; /* the first of those that are new_here */
};

/* Zeroed before. All pointers outlive it. */
void connection_rows_init(struct connection_rows *rows, struct detector *detector,
	struct app_ports *ports, struct conn_tracker *tracker, struct accept_queue *queue);

/* Begins a pass of the queue and of the tracker and reads all rows into it; the caller ends both. ports->found has
 * to be of this poll. Where the poll may be the last one before the application is signalled, a survey that is due takes
 * no dump of its own. Returns 0, or -errno where the dump failed half-way: then the pass is void. */
int connection_rows_read(struct connection_rows *rows, bool may_be_last, msec_t now);

/* The same where it is known that no connection is left: nothing is dumped. */
int connection_rows_read_none(struct connection_rows *rows, msec_t now);

/* A row that is work in flight or may become some, as a poll would judge it. */
typedef void connection_shown_fn(void *arg, const struct connection *row,
	enum connection_class connection_class, const struct connection_memory *memory);

/* For a question between polls: judges the connections on these ports as a poll would, and counts them. No state
 * changes. Of an MPTCP connection each subflow is judged by itself, and a unix-domain one is not seen.
 * Returns 0 or -errno. */
int connection_rows_show(const struct connection_rows *rows, const struct port_set *ports,
	connection_shown_fn *shown, void *arg, struct conn_counts *ret_counts, msec_t now);

/* Whether the end of a socket is that of a client's connection. The kernel reports each in the namespace. */
bool connection_rows_counts_end(const struct connection_rows *rows, const struct connection *last);

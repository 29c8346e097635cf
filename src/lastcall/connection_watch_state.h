/* SPDX-License-Identifier: MIT */
/* What a connection_watch keeps: for connection_watch.c and connection_polls.c alone. All times are monotonic
 * milliseconds. */
#pragma once

#include "core/tcp/accept_queue.h"
#include "core/tcp/conn_tracker.h"
#include "core/tcp/poll_pace.h"
#include "lastcall/app_ports.h"
#include "lastcall/ask_round.h"
#include "lastcall/connection_rows.h"
#include "lastcall/connection_show.h"
#include "lastcall/degraded.h"
#include "lastcall/detector.h"
#include "lastcall/log.h"

/* So many connections at a time are followed; those beyond are counted. */
#define CONNECTION_WATCH_MAX 65536

/* Must not be moved once it is open: its parts point to each other. */
struct connection_watch {
	struct log *log; /* the caller's */
	struct degraded degraded;
	int events_fd; /* owned; -1: no events */
	const pid_t *main_pid; /* the caller's, of the main process; NULL: it has ended */
	msec_t polled_at; /* the last poll, or round of questions, that worked; -1: none yet */
	msec_t dumped_at; /* the last poll that worked; -1: none yet */
	msec_t now; /* for what the events call back */
	bool event_seen; /* since the last poll, or the begin of the last round */
	bool is_new; /* the last poll that worked was in this turn of the event loop */
	bool wants_dump; /* a decision waits for a poll */
	bool cannot_ask; /* the kernel does not answer for single connections */
	struct poll_pace pace;
	struct ask_round round;

	struct conn_tracker tracker; /* the caller initialises it */
	struct accept_queue queue;

	struct detector detector;
	struct connection_rows rows; /* from its survey on mostly untouched */
	struct app_ports ports; /* the caller sets `excluded`, and adds the ports of --port */
	struct connection_question question;

	struct tracked_conn entries[CONNECTION_WATCH_MAX]; /* the tracker's */
	uint32_t index[2 * CONNECTION_WATCH_MAX]; /* the tracker's */
};

/* SPDX-License-Identifier: MIT */
/* The polls of the application's connections. A poll dumps all of them and passes each one to the accept queue and to
 * the connection tracker. Between two polls of a stop a round of questions asks the kernel for those connections
 * alone that hold the stop, and an event reports each connection that ends. poll_pace.h decides which is due.
 * All times are monotonic milliseconds; `now` is the caller's. No function returns an error: what the kernel refuses
 * is logged once and noted in `degraded`, a poll that fails is repeated when the next one is due. */
#pragma once

#include "core/tcp/accept_queue.h"
#include "core/tcp/conn_tracker.h"
#include "core/tcp/poll_pace.h"
#include "lastcall/app_ports.h"
#include "lastcall/ask_round.h"
#include "lastcall/connection_rows.h"
#include "lastcall/degraded.h"
#include "lastcall/detector.h"
#include "lastcall/log.h"

/* Must not be moved once it is open: its parts point to each other. */
struct connection_polls {
	struct log *log; /* the caller's */
	struct degraded degraded;
	int events_fd; /* owned; -1: no events */
	pid_t main_pid; /* the application's main process; 0: it has ended */
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
};

/* Finds the best detector, and logs what is lost by a lesser one. Zeroed before, but for the tracker and the ports. */
void connection_polls_open(struct connection_polls *polls, struct log *log);
void connection_polls_close(struct connection_polls *polls);

/* The stop signal has arrived: joins the events of connections that end, starts the tracker, polls. main_pid is 0 if
 * the application's main process has ended. Returns the descriptor of the events, which stays the polls', or -1
 * without events. */
int connection_polls_follow(struct connection_polls *polls, pid_t main_pid, msec_t now);

/* Polls now, or asks the next few hundred connections of a round where that is enough. Without a detector nothing
 * happens. */
void connection_polls_make(struct connection_polls *polls, msec_t now);

/* When to make the next poll, or slice of a round, during a stop; MSEC_NEVER without a detector. */
msec_t connection_polls_next_at(const struct connection_polls *polls);

/* Before something is done because nothing is in flight: polls where the last results came from questions, unless the
 * last poll is still fresh or the next one is not yet affordable. Returns whether the results may be acted upon; else
 * connection_polls_next_at is when to try again. */
bool connection_polls_confirm(struct connection_polls *polls, msec_t now);

/* The results of all polls so far say nothing of the present: the next decision needs a new poll. */
void connection_polls_discard(struct connection_polls *polls);

/* Passes the endings that wait on the events' descriptor to the tracker, and finds out whether the main process is
 * exiting where they suggest that. */
void connection_polls_read_events(struct connection_polls *polls, msec_t now);

/* For a health probe: polls, or reads the listening sockets alone (0.02 ms) when the last poll was not long ago. */
void connection_polls_probe(struct connection_polls *polls, msec_t now);

/* Counts a health probe, of an application that serves or does not. Returns for how many ms its answer may be given
 * to other probes, too. */
msec_t connection_polls_note_probe(struct connection_polls *polls, bool is_serving);

/* One turn of the event loop begins; one that began at begun_at is over. The polls of a turn do not make it late. */
void connection_polls_begin_turn(struct connection_polls *polls);
void connection_polls_end_turn(struct connection_polls *polls, msec_t begun_at, msec_t now);

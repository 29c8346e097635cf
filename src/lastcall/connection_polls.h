/* SPDX-License-Identifier: MIT */
/* The polls of the application's connections. A poll dumps all of them and passes each one to the accept queue and to
 * the connection tracker. Between two polls of a stop a round of questions asks the kernel for those connections
 * alone that hold the stop, and an event reports each connection that ends. poll_pace.h decides which is due.
 * All times are monotonic milliseconds; `now` is the caller's. No function returns an error: what the kernel refuses
 * is logged once and noted in `degraded`, a poll that fails is repeated when the next one is due. */
#pragma once

#include "core/text/msec.h"
#include "lastcall/log.h"

#include <stdbool.h>
#include <sys/types.h>

struct connection_watch;

/* For connection_watch.c: finds the best detector, and logs what is lost by a lesser one. The watch is zeroed before,
 * but for the tracker and the ports. */
void connection_polls_open(struct connection_watch *watch, struct log *log);
void connection_polls_close(struct connection_watch *watch);

/* For connection_watch.c: the results of all polls so far say nothing of the present, so that the next decision needs
 * a new poll. */
void connection_polls_discard(struct connection_watch *watch);

/* The stop signal has arrived: polls, and follows each connection from here on. main_pid is the application's main
 * process, which another one may replace meanwhile; NULL if it has ended. Returns the descriptor that becomes readable
 * when connections end, which stays the watch's, or -1 without events. */
int connection_watch_follow(struct connection_watch *watch, const pid_t *main_pid, msec_t now);

/* Polls now. During a stop, between two polls, only the connections that hold it are asked for, where the kernel can
 * be asked; many of them in several calls: connection_watch_next_poll is due until all were. */
void connection_watch_poll(struct connection_watch *watch, msec_t now);

/* When to poll again during a stop; MSEC_NEVER without a detector. */
msec_t connection_watch_next_poll(const struct connection_watch *watch);

/* Before something is done because nothing is in flight: polls where the last results came from questions, unless the
 * last poll is still fresh or the next one is not yet affordable. Returns whether the results may be acted upon; else
 * connection_watch_next_poll says when to try again. */
bool connection_watch_confirm(struct connection_watch *watch, msec_t now);

/* Passes the endings that wait on the events' descriptor to the tracker, and finds out whether the main process is
 * exiting where they suggest that. */
void connection_watch_read_events(struct connection_watch *watch, msec_t now);

/* For a probe: polls the listening sockets only (0.02 ms) when the last poll was not long ago. That shows
 * whether the application listens, and whether connections wait; which ones wait, and how many connections
 * there are, is as old as that poll (poll_pace.h). */
void connection_watch_poll_listeners(struct connection_watch *watch, msec_t now);

/* Counts a health probe, of an application that serves or does not. Returns for how many ms its answer may be given
 * to other probes, too. */
msec_t connection_watch_note_probe(struct connection_watch *watch, bool is_serving);

/* The event loop has made another turn: the last poll is no longer one that has just been made. */
void connection_watch_begin_turn(struct connection_watch *watch);

/* The turn that began at begun_at is over. Its polls do not make it late. */
void connection_watch_end_turn(struct connection_watch *watch, msec_t begun_at, msec_t now);

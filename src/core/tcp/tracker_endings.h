/* SPDX-License-Identifier: MIT */
/* How connections end: by an event, or without one, and what the application's own end says of those that ended just
 * before it. */
#pragma once

#include "core/tcp/tracker_state.h"

/* A socket on one of our ports has ended, with its last numbers. */
void conn_tracker_ended(struct conn_tracker *tracker, const struct connection *last, msec_t now);

/* The application is signalled: from here on it may cut. */
void conn_tracker_app_signalled(struct conn_tracker *tracker);

/* Whether connections have ended, since the last call, as they do when the application dies, so that it is to be
 * asked whether its main process exits. */
bool conn_tracker_take_doubt_of_life(struct conn_tracker *tracker, msec_t now);

/* Its main process exits. On a busy machine seconds pass until it is reaped: what ends until then was its doing. */
void conn_tracker_app_dying(struct conn_tracker *tracker, msec_t now);

/* Its main process has ended; in order: it exited with 0, or with any status after it was signalled. Its sockets
 * ended a moment before it did: what then looked as if clients had given up was its own doing, and whether an
 * answer was whole is not known. */
void conn_tracker_app_died(struct conn_tracker *tracker, bool in_order, msec_t now);

/* What the listeners of the pass that ends now say of the application. A server that drains closes its listener and
 * its idle connections in one go, but not at one moment: its open connections are kept once that was longer
 * than settle ago. A process that dies closes its sockets before it is reaped: where the first pass after
 * the start finds no listener any more, the application may have died (Ctrl-C reaches both). One that
 * listens has not. */
void conn_tracker_note_listeners(struct conn_tracker *tracker, msec_t now);

/* Whether connections ended just now as they do when the application dies: without their answers. */
bool conn_tracker_suspects_death(const struct conn_tracker *tracker, msec_t now);

/* Whether a connection is gone whose event, which tells how it ended, is yet to come. */
bool conn_tracker_awaits_events(const struct conn_tracker *tracker);

/* We leave: whatever is still at work is cut, and its bytes are lost. */
void conn_tracker_finish(struct conn_tracker *tracker);

/* The first time that it is seen to be closed, or to be gone. Where a request of it is not answered, or may
 * not be, and the application had no reason to close it, the application may have died. */
void conn_tracker_note_ender(
	struct conn_tracker *tracker, struct tracked_conn *entry, msec_t suspect_for, msec_t now);

/* A connection that is gone between two polls, without an event. Where there are events, one comes
 * as soon as a socket is closed on both sides: then the client has reset it. Where there are none, its
 * end is unknown, unless a poll saw the answer leave. */
void conn_tracker_settle_vanished(struct conn_tracker *tracker, struct tracked_conn *entry);

/* SPDX-License-Identifier: MIT */
/* How connections end: by an event, or without one, and what the application's own end says of those that ended just
 * before it. */
#pragma once

#include "core/census_state.h"

/* A socket on one of our ports has ended, with its last numbers. */
void census_ended(struct census *census, const struct connection *last, msec_t now);

/* The application is told to stop: from here on it may cut. */
void census_app_told(struct census *census);

/* Its main process has ended; in order: it exited with 0, or with any status after it was told. Its sockets
 * ended a moment before it did: what then looked as if clients had given up was its own doing, and whether an
 * answer was whole is not known. */
void census_app_died(struct census *census, bool in_order, msec_t now);

/* Whether connections ended just now as they do when the application dies: without their answers. */
bool census_suspects_death(const struct census *census, msec_t now);

/* Whether a connection is gone whose event, which tells how it ended, is yet to come. */
bool census_awaits_events(const struct census *census);

/* We leave: whatever is still at work is cut, and its bytes are lost. */
void census_finish(struct census *census, msec_t now);

/* The first time that it is seen to be closed, or to be gone. Where a request of it is not answered, or may
 * not be, and the application had no reason to close it, the application may have died. */
void census_note_ender(
	struct census *census, struct census_entry *entry, msec_t suspect_for, msec_t now);

/* A connection that is gone between two looks, with no event to tell how. Where there are events they come
 * as soon as a socket is closed on both sides: then the client has reset it. Where there are none,
 * nobody knows, unless a poll saw the answer leave. */
void census_settle_vanished(struct census *census, struct census_entry *entry, msec_t now);

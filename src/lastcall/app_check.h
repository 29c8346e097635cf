/* SPDX-License-Identifier: MIT */
/* Finds out what the application is up to, as --app-check says: by a poll of its listeners when
 * the health endpoint is asked, or by checks of our own in the supervisor's event loop. What follows from it is
 * decided in core.
 *
 * Checks never block, have one deadline each, and allocate nothing once they have begun. Their
 * connections are ours, not work in flight, and leave nothing behind: they end when both sides have
 * closed, or with a reset. Without checks nothing here wakes the loop. */
#pragma once

#include "core/http/app_state.h"
#include "lastcall/connection_watch.h"

struct ev_loop;
struct app_check;

/* Allocates all it will ever need. The options, the watch and the log outlive it. Returns 0 or
 * -ENOMEM. */
int app_check_new(struct ev_loop *loop, const struct options *options,
	struct connection_watch *watch, struct log *log, struct app_check **ret_check);
void app_check_free(struct app_check *check);

/* The application has been started: it is checked from here on. */
void app_check_start(struct app_check *check, msec_t now);

/* The stop has begun, or the application has ended: no check is made any more, one under way is
 * broken off, and what was known last stays. May be repeated. */
void app_check_stop(struct app_check *check);

/* Polls the connections, unless the last poll was a moment ago, and says in the log what has become of the
 * application. Does nothing after app_check_stop. */
void app_check_refresh(struct app_check *check, msec_t now);

/* What is known. The pointer lives as long as the check. */
const struct app_status *app_check_state(const struct app_check *check);

/* Whether it has ever been found serving. */
bool app_check_was_ready(const struct app_check *check);

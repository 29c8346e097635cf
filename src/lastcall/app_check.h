/* SPDX-License-Identifier: MIT */
/* Finds the application's state in the way of --app-check: by a poll of its listeners when the health endpoint is
 * asked, or by checks in the supervisor's event loop. core/http/app_state decides what follows.
 *
 * Checks never block, have one deadline each, and allocate nothing once they have begun. Their connections are
 * not work in flight, and leave nothing behind: they end when both sides have closed, or with a reset. Without
 * checks this module never wakes the loop. */
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

/* The application runs: checks begin. */
void app_check_start(struct app_check *check, msec_t now);

/* The stop has begun, or the application has exited: no more checks, a check under way is aborted, and the
 * last state stays. May be repeated. */
void app_check_stop(struct app_check *check);

/* Polls the listeners, unless the last poll was a moment ago, and logs a change of the application's state. Does
 * nothing after app_check_stop. */
void app_check_refresh(struct app_check *check, msec_t now);

/* The application has sent READY=1. */
void app_check_note_ready(struct app_check *check, msec_t now);

/* How late the application's watchdog is, for the next refresh; 0: it is not. */
void app_check_note_watchdog(struct app_check *check, msec_t late);

/* The state that was found last. The pointer lives as long as the check. */
const struct app_status *app_check_state(const struct app_check *check);

/* The state that app_check_refresh would find, with listeners as a question has seen them: nothing is logged or
 * kept. */
struct app_status app_check_judge(
	const struct app_check *check, bool are_visible, bool listens, msec_t now);

/* Whether the application has ever been found serving. */
bool app_check_was_ready(const struct app_check *check);

/* SPDX-License-Identifier: MIT */
/* The log lines of a stop: the plan's progress, and the signals that the application is sent. Decides nothing but
 * whether a line is due. */
#pragma once

#include "lastcall/stop.h"

/* The application may not be signalled. Known as soon as it runs as another user; said once. */
void stop_log_may_not_signal(struct stop *s);

/* A stop signal has begun the stop. */
void stop_log_began(struct stop *s);

/* The application was not ready in time: `reason` says what was missing. */
void stop_log_not_ready(struct stop *s, const char *reason);

/* The first stop signal came when a stop had begun without one. */
void stop_log_goes_on(struct stop *s, int signal);

/* Another stop signal: `hurries` says whether it asks for the next step. */
void stop_log_again(struct stop *s, int signal, bool hurries);

/* The main process was sent its stop signal; r: what came of it, 0 or -errno. */
void stop_log_signalled(struct stop *s, int signal, int r, msec_t now);

/* A server that has finished its work was sent its plain signal. */
void stop_log_signalled_plainly(struct stop *s, int signal);

/* A main process that may not be signalled ends when lastcall exits. */
void stop_log_left(struct stop *s);

/* Only unsure connections hold the drain: logged once, if the wait is long. */
void stop_log_doubt(struct stop *s, msec_t now);

/* Once a second, the state and the counts. */
void stop_log_progress(struct stop *s, msec_t now);
msec_t stop_log_next_progress(const struct stop *s);

/* The main process is about to be killed. */
void stop_log_still_there(struct stop *s, msec_t now);

/* A main process that exits with 0 while its children run on is mostly a daemon. */
void stop_log_in_background(struct stop *s);

/* A one-off command has exited: logs it if a signal or a lack of memory ended the command. */
void stop_log_one_off(struct stop *s);

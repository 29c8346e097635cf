/* SPDX-License-Identifier: MIT */
/* The terminal that the application's process group is to have, and the shell behind it that waits for
 * us. All signals are blocked where these are called, so that using it from the background does not stop
 * us with SIGTTOU. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* The foreground process group of the terminal that controls our session; -1 where none does. */
pid_t terminal_foreground_group(void);

/* Whether our standard input is that terminal, and this group the foreground one. Else, as in a pipeline, another
 * process of our group reads from it. */
bool terminal_is_read_by(pid_t group);

/* Makes one process group of our session the terminal's foreground one where the other is. Returns
 * whether that was done. */
bool terminal_hand_over(pid_t from_group, pid_t to_group);

/* Where we lead the terminal's session: gives up the terminal, so that another session can have it. The
 * SIGHUP and SIGCONT that the kernel sends for this are taken off; what waited before is left. */
void terminal_leave(void);

/* Makes a terminal without a session that of the session which we lead; else does nothing. */
void terminal_acquire(void);

/* Stops our process group as a terminal's key would, and returns when it was continued. At once where
 * no shell would continue it: the kernel does not stop an orphaned group so. */
void terminal_stop_job(void);

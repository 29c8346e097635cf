/* SPDX-License-Identifier: MIT */
/* The application's process: start, signal, reap. */
#pragma once

#include "sys/signals.h"

#include <stdbool.h>
#include <sys/types.h>

/* The steps of a start that can fail. */
enum child_stage {
	CHILD_STAGE_PIPE,
	CHILD_STAGE_FORK,
	CHILD_STAGE_SETPGID,
	CHILD_STAGE_EXEC,
	CHILD_STAGE_COUNT,
};

/* As a message says it: "cannot find or execute", … */
const char *child_stage_text(enum child_stage stage);

/* Starts argv[0], found along PATH of envp, in a process group of its own with the signal state that
 * we were started with; the group becomes the terminal's foreground one when ours is now. Waits until
 * exec succeeded or failed; a failed exec leaves no child behind. A file in an unknown format is an
 * error (ENOEXEC) and is not handed to a shell. Returns the pid, or -errno with *ret_stage naming the
 * step that failed. */
pid_t child_start(char *const argv[], char *const envp[], const struct signal_state *inherited,
	enum child_stage *ret_stage);

/* Closes what we were handed beyond the standard descriptors, once the application has it: a listening
 * socket that the application closes must be closed, and a pipe's end too. keep (two of them, -1:
 * none) are spared. */
void child_close_inherited(const int keep[2]);

/* Makes our process group the terminal's foreground one again after the application's was: for a shell
 * that runs us. */
void child_take_terminal_back(pid_t pid);

/* Sends a signal. Returns 0 or -errno; a pid that is not above 1 is -ESRCH, for it would mean a group
 * or everybody. */
int child_signal(pid_t pid, int signal);

/* The same with the value that it was sent to us with. */
int child_forward(pid_t pid, const struct signal_received *received);

/* Reaps one ended child, whosever it was. Returns its pid and *ret_status, 0 when the children that
 * there are run, or -ECHILD when there is none. */
pid_t child_reap(int *ret_status);

/* Makes orphans of our descendants our children where we are not PID 1. Returns 0 or -errno. */
int child_become_subreaper(void);

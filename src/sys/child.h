/* SPDX-License-Identifier: MIT */
/* The application's process: start, signal, reap. */
#pragma once

#include "sys/signals.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The steps of a start that can fail. */
enum child_stage {
	CHILD_STAGE_PIPE,
	CHILD_STAGE_FORK,
	CHILD_STAGE_DIRECTORY,
	CHILD_STAGE_SETPGID,
	CHILD_STAGE_EXEC,
	CHILD_STAGE_COUNT,
};

/* What the kernel's errno does not say about argv[0]. */
enum child_hint {
	CHILD_HINT_NONE,
	CHILD_HINT_CRLF, /* a script whose first line ends in CRLF: no interpreter has such a name */
	CHILD_HINT_NO_INTERPRETER, /* ENOENT although the file exists: a script's interpreter is missing, or a program's loader */
	CHILD_HINT_ELF, /* ENOEXEC, and no script: a program for another processor, or a damaged one */
};

/* Why a start failed, beside an errno. */
struct child_failure {
	enum child_stage stage;
	enum child_hint hint;
};

/* As a message says it: "cannot find or execute", … */
const char *child_stage_text(enum child_stage stage);

/* Where a child is put: into a process group of its own, which becomes the terminal's foreground one
 * when ours is now; into a session of its own, which gets the terminal that we led; or with us. */
enum child_group { CHILD_GROUP_OWN, CHILD_GROUP_SESSION, CHILD_GROUP_OURS };

struct child_setup {
	char *const *argv;
	char **envp; /* LISTEN_PID and LISTEN_PIDFDID are changed in the child */
	const struct signal_state *inherited; /* what it gets for its signals */
	enum child_group group;
	bool shell_for_scripts; /* a file in an unknown format is given to /bin/sh: else it is ENOEXEC */
	bool has_watchdog; /* WATCHDOG_PID is rewritten as well, where it means us */
};

/* Starts argv[0], found along PATH of envp. Waits until exec succeeded or failed; a failed exec leaves no
 * child behind. Descriptors that were passed to us as sd_listen_fds(3) has it are the child's: a
 * LISTEN_PID that means us means the child, and LISTEN_PIDFDID is removed. The child has our working directory, and
 * ours is / before it runs, so that it never sees another. Returns the pid, or -errno with *ret_failure naming the step that failed. */
pid_t child_start(const struct child_setup *setup, struct child_failure *ret_failure);

/* Closes what we were handed beyond the standard descriptors, once the application has it: a listening
 * socket that the application closes must be closed, and a pipe's end too. Those of keep (-1: none)
 * are spared. */
void child_close_inherited(const int *keep, size_t keep_count);

/* Sends a signal. Returns 0 or -errno; a pid that is not above 1 is -ESRCH, for it would mean a group
 * or every process. */
int child_signal(pid_t pid, int signal);

/* The same to all of the group that pid leads. */
int child_signal_group(pid_t pid, int signal);

/* Sends a signal with the value, if any, and the sender of another one that we received. */
int child_forward(pid_t pid, int signal, const struct signal_received *received);

/* Reaps one ended child, whosever it was. Returns its pid and *ret_status, 0 when the children that
 * there are run, or -ECHILD when there is none. */
pid_t child_reap(int *ret_status);

/* Which signal has stopped a child since we last asked; 0: none. */
int child_stopped_by(pid_t pid);

/* Has the kernel send us a signal when the thread ends that started us; at once when it has ended since
 * getppid(2) returned parent. Returns 0 or -errno. */
int child_set_parent_death_signal(int signal, pid_t parent);

/* Whether a process is a child of ours that has not been reaped. */
bool child_is_ours(pid_t pid);

/* Whether a child has ended and waits to be reaped. */
bool child_is_waiting(void);

/* Makes orphans of our descendants our children where we are not PID 1. Returns 0 or -errno. */
int child_become_subreaper(void);

/* Whether this process is one already: its starter may have set it, and exec keeps it. */
bool child_is_subreaper(void);

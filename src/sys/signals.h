/* SPDX-License-Identifier: MIT */
/* All signals as events on a descriptor. Nothing is handled asynchronously, so that no signal can
 * hit us at a bad moment, and none is lost before we are ready. */
#pragma once

#include <signal.h>
#include <sys/types.h>

/* The mask that we were started with: the application gets it back. Dispositions are never
 * changed, except that SIGCHLD is set to its default first (an inherited SIG_IGN would reap our
 * children without us). */
struct signal_state {
	sigset_t mask;
};

/* Blocks all signals and opens the descriptor that reads them. A blocked signal is queued even when
 * it is ignored, and even for PID 1 with its default action (Linux sig_ignored()). Returns the
 * fd or -errno. */
int signals_open(struct signal_state *ret_inherited);

struct signal_received {
	int number;
	int from_kernel; /* a key of the terminal, as a rule: no process has sent it */
	pid_t sender; /* 0: the kernel, or another pid namespace (docker stop) */
	void *value; /* what sigqueue(3) sent with it: a pointer, or a number in its place */
	int has_value;
};

/* Whether epoll can tell of them: a filter of system calls that forbids a part of it shows here, and not
 * when the application runs. Returns 0 or -errno. */
int signals_try_epoll(int fd);

/* Has signals_read wait until one has arrived, for a caller that waits for nothing else: one system call a signal
 * where poll(2) takes another. Returns 0 or -errno. */
int signals_set_waiting(int fd);

/* Reads up to max waiting signals. Returns how many, or -errno. */
int signals_read(int fd, struct signal_received *ret_signals, int max);

/* Takes one signal off that is blocked and waits, if there is one: of those for this thread first. */
void signals_discard(int number);

/* Gives back the mask that we were started with. */
void signals_restore(const struct signal_state *inherited);

/* The same for a forked child, but that a terminal does not stop it before it has become another program: a process
 * that waits for that could do nothing for it. Async-signal-safe. */
void signals_restore_for_exec(const struct signal_state *inherited);

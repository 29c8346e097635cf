/* SPDX-License-Identifier: MIT */
/* The descendants of a process, read from /proc. Allocates nothing; a process that appears during a
 * walk may be missed, so that callers walk again when it matters. A process that lives throughout is
 * found. Zombies do not count. Failures are those of reading /proc, and -EXDEV where it is the /proc of
 * another pid namespace. */
#pragma once

#include "sys/process_stat.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A process was found in this /proc. Returns whether to go on. */
typedef bool process_tree_found(void *arg, int proc, const struct process_stat *process);

/* Calls back for each descendant of root; root itself is none. *ret_hidden (or NULL) counts processes that may be
 * descendants but do not let us see it (hidepid=1; what hidepid=2 hides is not even counted). Returns how many were
 * found, or -errno. */
int process_tree_for_each_descendant(
	pid_t root, process_tree_found *found, void *arg, size_t *ret_hidden);

/* Sends a signal to every descendant of root; signal 0 sends none. SIGKILL is sent while the descendants are
 * looked up, and one that is forked or gets another parent meanwhile may be missed: call again. Returns how many got it, or could get
 * one, or -errno. *ret_refused (or NULL) counts those that may not be signalled (EPERM, or EACCES
 * of a security module). */
int process_tree_signal(pid_t root, int signal, unsigned *ret_refused);

/* The same by one walk over all of /proc, which costs as much as there are processes on the host. It signals
 * while it walks, and needs no family that rests: for the last SIGKILL. */
int process_tree_signal_by_walk(pid_t root, int signal, unsigned *ret_refused);

/* How many descendants root has, or -errno. */
int process_tree_count(pid_t root);

/* Whether a process descends from root, and is alive. False where /proc does not show it. */
bool process_tree_has_descendant(pid_t root, pid_t pid);

/* For root, which is PID 1 of our namespace: the same for each process that does not descend from it; kernel
 * threads are none. */
int process_tree_for_each_outside(pid_t root, process_tree_found *found, void *arg);

/* Whether an open /proc is the one of our pid namespace. Returns 0 or -errno. */
int process_tree_check_proc(int proc);

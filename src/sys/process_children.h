/* SPDX-License-Identifier: MIT */
/* The descendants of a process, from the kernel's lists of children: /proc/PID/task/TID/children
 * (CONFIG_PROC_CHILDREN, Linux 3.5 and later; proc_pid_children(5)). They cost as much as there are
 * descendants and threads, not as there are processes on the host. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/* Writes the descendants of root in an open /proc, zombies included, to ret_pids, of `max` places. A
 * process may fork, exit, or get another parent while its relatives are read, so that the lists are
 * read until two walks in a row agree. Returns how many there are, or -errno, and then ret_pids says
 * nothing: -ENOENT where the kernel has no such lists, -EAGAIN where the family does not rest, -E2BIG
 * without enough places, -EACCES where a process is hidden from us (mount option hidepid). */
int process_children_list(int proc, pid_t root, pid_t *ret_pids, size_t max);

/* A descendant was met, and so were its children. */
typedef void process_children_met(void *arg, int proc, pid_t pid);

/* Walks once, in `max` places for pids, and calls back for each descendant at once: a family that does not
 * rest has no time to grow. A process that gets another parent meanwhile may be passed over. Returns 0 or
 * -errno as above, but for -EAGAIN and hidepid=2, also in the midst of them. */
int process_children_visit(
	int proc, pid_t root, pid_t *pids, size_t max, process_children_met *met, void *arg);

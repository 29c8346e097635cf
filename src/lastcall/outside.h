/* SPDX-License-Identifier: MIT */
/* Processes that came into our pid namespace from outside: docker exec, kubectl exec, nsenter. Their parent is
 * not in this namespace, so that no SIGCHLD reports their end; when PID 1 exits the kernel
 * kills them. lastcall adopts their children. */
#pragma once

#include "core/text/msec.h"
#include "lastcall/log.h"

#include <sys/types.h>

#define OUTSIDE_SHELLS_MAX 16

struct outside {
	struct log *log;
	unsigned jobs, shells; /* at the last poll; shells: interactive, on a terminal */
	pid_t shell_pids[OUTSIDE_SHELLS_MAX];
	unsigned shell_pid_count;
	pid_t watched; /* one of them, whose exit the pidfd shows */
	int pidfd; /* readable: poll again; -1: none */
	bool is_old; /* never polled, or something has ended since */
	msec_t polled_at;

	unsigned signalled_jobs, signalled_shells, killed; /* for the report */
};

void outside_init(struct outside *outside, struct log *log);

/* Polls /proc, where we are PID 1. has_children: we have children that have not ended. */
void outside_poll(struct outside *outside, bool has_children, msec_t now);

/* When to poll again at the latest, while there is such a process; MSEC_NEVER where the pidfd shows its end. */
msec_t outside_next_poll(const struct outside *outside);

/* The pidfd is readable. */
void outside_note_end(struct outside *outside);

/* These processes have been sent SIGTERM, with all others: counts them, and sends the shells SIGHUP. */
void outside_signal(struct outside *outside);

/* These processes are about to be sent SIGKILL, with all others. */
void outside_note_kill(struct outside *outside);

/* SPDX-License-Identifier: MIT */
#include "lastcall/outside.h"

#include "core/recognise/interactive_shell.h"
#include "sys/child.h"
#include "sys/fd.h"
#include "sys/pidfd.h"
#include "sys/process_status.h"
#include "sys/process_tree.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#define POLL_MS 100 /* without pidfds, and only during a stop */

void outside_init(struct outside *outside, struct log *log)
{
	*outside = (struct outside){.log = log, .pidfd = -1, .is_old = true};
}

static bool is_shell(const struct process_stat *process)
{
	struct program program;

	return process->has_terminal && process_status_read(process->pid, &program) == 0 &&
	       interactive_shell_is(&program);
}

static bool take(void *arg, int proc, const struct process_stat *process)
{
	struct outside *o = arg;

	(void)proc;
	if (is_shell(process)) {
		if (o->shell_pid_count < OUTSIDE_SHELLS_MAX)
			o->shell_pids[o->shell_pid_count++] = process->pid;
		o->shells++;
		o->watched = o->jobs == 0 ? process->pid : o->watched;
		return true;
	}
	o->jobs++;
	o->watched = process->pid;
	return true;
}

/* In one call: most containers have no such process. Zombies count, too. */
static bool is_alone(void)
{
	return getpid() != 1 || (kill(-1, 0) < 0 && errno == ESRCH);
}

void outside_poll(struct outside *outside, bool has_children, msec_t now)
{
	struct outside *o = outside;

	o->is_old = false;
	o->polled_at = now;
	o->jobs = o->shells = o->shell_pid_count = 0;
	o->watched = 0;
	if (is_alone())
		return;
	if (process_tree_for_each_outside(getpid(), take, o) < 0 && !has_children)
		o->jobs = 1; /* no /proc: at least one */
	if (o->pidfd < 0 && o->watched > 0) {
		o->pidfd = pidfd_open_process(o->watched);
		o->is_old = o->pidfd == -ESRCH;
	}
}

msec_t outside_next_poll(const struct outside *outside)
{
	if (outside->jobs + outside->shells == 0 || outside->pidfd >= 0)
		return MSEC_NEVER;
	return outside->is_old ? outside->polled_at : outside->polled_at + POLL_MS;
}

void outside_note_end(struct outside *outside)
{
	(void)fd_close(outside->pidfd);
	outside->pidfd = -1;
	outside->is_old = true;
}

void outside_signal(struct outside *outside)
{
	struct outside *o = outside;

	o->signalled_jobs = o->jobs;
	o->signalled_shells = o->shells;
	for (unsigned i = 0; i < o->shell_pid_count; i++) {
		(void)child_signal(o->shell_pids[i], SIGHUP);
		(void)child_signal(o->shell_pids[i], SIGCONT);
	}
	if (o->jobs > 0)
		log_event(o->log, LOG_INFO, "outside_signalled",
			"sent SIGTERM to %u %s from outside (docker exec); waiting for %s", o->jobs,
			o->jobs == 1 ? "process" : "processes", o->jobs == 1 ? "it" : "them");
	if (o->shells > 0)
		log_event(o->log, LOG_INFO, "outside_signalled",
			"sent SIGHUP to %u %s from outside, on a terminal", o->shells,
			o->shells == 1 ? "shell" : "shells");
}

void outside_note_kill(struct outside *outside)
{
	outside->killed = outside->jobs + outside->shells;
}

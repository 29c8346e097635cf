/* SPDX-License-Identifier: MIT */
/* As much of a container as an init notices: it is PID 1, and /proc shows what is in there. */
#pragma once

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* Like fork(2). */
static inline pid_t container_fork(void)
{
	pid_t pid = (pid_t)syscall(
		SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid == 0 && (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
				mount("proc", "/proc", "proc", 0, NULL) < 0))
		_exit(126);
	return pid;
}

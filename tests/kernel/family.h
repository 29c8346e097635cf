/* SPDX-License-Identifier: MIT */
/* Processes of a test: each writes one byte when it is what it is meant to be, and then waits to be ended. */
#pragma once

#include "kernel/sandbox.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int family_ready[2];

static inline int family_open(void)
{
	return pipe2(family_ready, O_CLOEXEC);
}

static inline void family_close(void)
{
	close(family_ready[0]);
	close(family_ready[1]);
}

static inline void announce(void)
{
	if (write(family_ready[1], "r", 1) != 1)
		_exit(1);
}

static inline _Noreturn void announce_and_wait(void)
{
	announce();
	for (;;)
		pause();
}

static inline void await_announcements(int count)
{
	char byte;

	for (int i = 0; i < count; i++) {
		if (read(family_ready[0], &byte, 1) != 1)
			abort();
	}
}

/* Returns 0 in the child. */
static inline pid_t fork_child(void)
{
	pid_t pid = fork();

	if (pid < 0)
		abort();
	if (pid == 0)
		alarm(SANDBOX_LIFETIME_S);
	return pid;
}

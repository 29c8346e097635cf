/* SPDX-License-Identifier: MIT */
/* The numbers that we exit with. */
#pragma once

#include <stdbool.h>

enum {
	EXIT_STATUS_USAGE = 2, /* bad option, value or variable: nothing was started */
	EXIT_STATUS_NOT_READY = 124, /* --start-timeout was over: timeout(1)'s own number */
	EXIT_STATUS_FAILED = 125, /* we could not set ourselves up (docker run's own number) */
	EXIT_STATUS_NOT_EXECUTABLE = 126,
	EXIT_STATUS_NOT_FOUND = 127,
	EXIT_STATUS_SIGNALLED = 128, /* plus the signal's number */
};

/* How the application ended. */
struct app_end {
	bool ended; /* false: it was still there when we left */
	int exit_code; /* -1 when a signal ended it */
	int signal; /* 0 when it exited */
};

/* From a wait status (waitpid(2)). */
struct app_end app_end_from_wait(int wait_status);

/* Ours, which is the application's: its code, or 128+n. One that never ended had SIGKILL sent. */
int exit_status_from_app(struct app_end end);

/* For an exec that failed with this errno: 127 for what is not there, else 126. */
int exit_status_from_exec(int error);

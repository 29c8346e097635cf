/* SPDX-License-Identifier: MIT */
/* Another program that runs for us: a server under drill, the engine's client, a command line of the
 * user's. In a process group of its own, with nothing on its standard input; what it says is kept. */
#pragma once

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What came through one of its pipes: the last part, where it was more than fits. */
struct command_output {
	ev_io io;
	char *bytes; /* terminated; NULL: nothing came */
	size_t len;
};

struct command {
	struct ev_loop *loop;
	ev_io exit;
	pid_t pid; /* 0: not started, or closed. Until then the number is its own: it is reaped at last */
	struct command_output out, err;
	bool has_ended;
	int exit_code; /* -1: a signal ended it */
	int exit_signal; /* 0: it ended by itself */
	int64_t ended_us; /* monoclock_now_us() */
	void (*on_end)(void *user); /* may be NULL */
	void *user;
};

/* Starts argv[0], found along PATH. The limit of descriptors is the one that we were started with.
 * Returns 0 or -errno: -ENOENT and -EACCES are what a user can act on. */
int command_start(struct command *command, struct ev_loop *loop, const char *const argv[],
	void (*on_end)(void *user), void *user);

/* The same for a server under drill, which is sent SIGTERM when SIGKILL ends the drill. is_pid1: as PID 1 of a pid
 * namespace with a /proc of its own, which ends with it as a container does, and with the drill. Needs CAP_SYS_ADMIN:
 * -EPERM. */
int command_start_target(struct command *command, struct ev_loop *loop, const char *const argv[],
	bool is_pid1, void (*on_end)(void *user), void *user);

/* Remembers the limit of descriptors: before anything raises it. */
void command_keep_limits(void);

/* To its process only. Returns 0 or -errno; -ESRCH when it has ended. */
int command_signal(const struct command *command, int signal);

/* Sends SIGTERM to its process group. */
void command_terminate(const struct command *command);

/* Kills all that is left of its process group, also when it has ended itself. */
void command_kill(const struct command *command);

/* Kills its group if it has not ended (a daemon that it started may stay else), reaps it, and forgets
 * what it said. Does nothing to one that was never started, or closed before. */
void command_close(struct command *command);

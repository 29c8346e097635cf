/* SPDX-License-Identifier: MIT */
/* The server under drill, whatever it runs as: started or found, stopped as an orchestrator would stop
 * it, awaited, and not left behind. server_process.c, server_container.c and server_deployment.c know how. */
#pragma once

#include "core/text/text.h"
#include "drill/server/command.h"
#include "drill/core/run.h"
#include "drill/server/event_wait.h"

enum server_kind {
	SERVER_PID, /* a process that runs already; found again by its pid file where there is one */
	SERVER_COMMAND, /* a program that we start, and end */
	SERVER_CONTAINER, /* a container that there is; started where it does not run */
	SERVER_IMAGE, /* a container that we make, and remove */
	SERVER_DEPLOYMENT, /* servers that the user's command line replaces, behind a URL that stays */
};

/* Where a command runs: as a child whose descendants the drill adopts, or as PID 1 of a pid namespace that
 * ends with it, as a container does. */
enum server_place { SERVER_AS_CHILD, SERVER_AS_PID1 };

struct server_settings {
	enum server_kind kind;
	enum server_place place; /* of SERVER_COMMAND */
	pid_t pid;
	const char *pid_file; /* instead of pid; read after start_line */
	const char *container;
	const char *const *argv; /* of the command, or what `docker run` is given */
	unsigned argc;
	const char *engine; /* "docker", "podman", or a path */
	const char *start_line, *stop_line; /* for a shell; NULL: our own way */
	const char *
		deploy_line; /* of SERVER_DEPLOYMENT, for a shell; it ends when the deployment is over */
	int stop_signal; /* 0: SIGTERM, or the container's own */
	int64_t start_timeout_us, stop_timeout_us;
};

struct server;

/* Where it runs as what it is. Each may assume that the one before it in this list has succeeded; end
 * may follow any of them. */
struct server_type {
	int (*start)(struct server *server, struct text *error);
	int (*begin_stop)(struct server *server); /* must not wait: the load runs meanwhile */
	void (*kill)(struct server *server);
	void (*collect)(struct server *server);
	void (*end)(struct server *server);
};

struct server {
	const struct server_settings *settings;
	const struct server_type *type;
	struct event_wait *wait;
	void (*on_end)(void *user); /* in the loop, as soon as it is known */
	void *user;

	struct command
		command; /* the server itself, the client that waits for the container, or deploy_line */
	struct command stop, logs;
	ev_timer deadline; /* of a stop that the drill itself ends with SIGKILL */
	ev_io exit; /* of a process that is no child of ours */
	pid_t pid; /* 0: it has none that we may signal */
	pid_t container_pid; /* of the container's first process, as the engine says; 0: none */
	char container[128]; /* how the engine is asked for it */
	char address[64]; /* the container's own; empty: none */
	int64_t stopped_us, stopped_unix_ms; /* just before the stop was asked for; 0: not yet */

	bool was_started_by_us, has_ended;
	bool was_killed; /* the command line of a deployment, at the stop timeout */
	int64_t terminated_us; /* when that command line was sent SIGTERM; 0: it was not */
	int64_t ended_us; /* monoclock_now_us() */
	struct run_exit exit_state;
	char stop_error[160]; /* why it was not stopped, or its end cannot be seen */
};

/* Starts or finds it. Returns 0, -EINTR when the user wanted an end, or -errno with a line in *error.
 * server_end is due in any case. */
int server_start(struct server *server, const struct server_settings *settings,
	struct event_wait *wait, struct text *error);

/* Stops it, by the settings' command or signal, and sends SIGKILL when the stop timeout is over; does not wait. */
void server_begin_stop(struct server *server);

/* After its end: how it ended, what it said. */
void server_collect(struct server *server);

/* What it wrote, as far as we saw it; server_collect gets a container's. Terminated; "" for nothing. */
const char *server_out(const struct server *server);
const char *server_err(const struct server *server);

/* Adds "the target exited with 1 WHEN; it said '…'", for a target that was not stopped. */
void server_add_early_end(struct server *server, const char *when, struct text *text);

/* The process by which its network namespace is found; 0: none is known. */
pid_t server_process_id(const struct server *server);

/* How many processes of a command are there still a moment after its end; below 0: not known. */
int server_count_left(struct server *server);

/* Leaves nothing behind that was started here. */
void server_end(struct server *server);

/* For server_process.c, server_container.c and server_deployment.c. */
extern const struct server_type server_process, server_container, server_deployment;
void server_note_end(struct server *server, int64_t ended_us);

/* Fills in stop_error: the "stop" or "deployment" command failed, and the last line that it said. */
void server_note_failed_line(
	struct server *server, const char *which, const struct command *command);

/* Runs a command to its end, in this time. Returns 0 when they succeeded, -EINTR, or -errno with a line
 * in *error; command_close is due after 0 only. */
int server_call(struct server *server, struct command *command, const char *const argv[],
	int64_t timeout_us, struct text *error);

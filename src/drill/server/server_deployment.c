/* SPDX-License-Identifier: MIT */
/* Servers behind one URL that a command line of the user's replaces, such as a rolling update. The drill stops
 * none of them itself, and signals none: the run ends with the command line, and the URL has to be answered
 * throughout. */
#include "drill/server/server.h"

#include "sys/monoclock.h"
#include "sys/process_tree.h"

#include <signal.h>
#include <unistd.h>

#define TERM_GRACE_US INT64_C(5000000) /* from SIGTERM to SIGKILL: for traps that clean up */

static int start(struct server *server, struct text *error)
{
	(void)server;
	(void)error;
	return 0; /* whether the URL is answered is asked next, as of every target */
}

/* A command line that fails may have replaced nothing, and the run shows nothing. */
static void on_command_end(void *user)
{
	struct server *server = user;

	if (server->command.exit_code == 0 || server->was_killed)
		server_note_end(server, server->command.ended_us);
	else
		server_note_failed_line(server, "deployment", &server->command);
}

static int begin_stop(struct server *server)
{
	const char *argv[] = {"sh", "-c", server->settings->deploy_line, NULL};

	return command_start(&server->command, server->wait->loop, argv, on_command_end, server);
}

static void terminate(struct server *server)
{
	server->terminated_us = monoclock_now_us();
	command_terminate(&server->command);
}

/* Ends the command line, which took longer than the stop timeout; the servers run on. Called again when the
 * grace after SIGTERM is over. */
static void kill_command(struct server *server)
{
	if (server->was_killed) {
		command_kill(&server->command);
		return;
	}
	server->was_killed = true;
	terminate(server);
	ev_now_update(server->wait->loop);
	ev_timer_set(&server->deadline, (double)TERM_GRACE_US / 1e6, 0);
	ev_timer_start(server->wait->loop, &server->deadline);
}

static void collect(struct server *server)
{
	if (server->has_ended)
		server->exit_state = (struct run_exit){
			true, server->command.exit_code, server->command.exit_signal, false};
}

/* A shell ends at SIGTERM before the programs that it waits for: their traps may still run. */
static bool has_none_left(void *arg)
{
	const struct server *server = arg;

	return server->command.has_ended && process_tree_count(getpid()) <= 0;
}

static void on_child(struct ev_loop *loop, ev_signal *signal, int events)
{
	(void)loop;
	(void)signal;
	(void)events; /* the waiting function checks again */
}

/* Ends the command line of an interrupted run, or what is left of one that took too long. What a command line that
 * ended by itself has left running is the user's, as the servers are. */
static void end(struct server *server)
{
	ev_signal child;
	int64_t left_us;

	if (server->command.pid == 0 || (server->command.has_ended && !server->was_killed))
		return;
	if (server->terminated_us == 0)
		terminate(server);
	left_us = server->terminated_us + TERM_GRACE_US - monoclock_now_us();
	ev_signal_init(&child, on_child, SIGCHLD);
	ev_signal_start(server->wait->loop, &child);
	(void)event_wait_until(server->wait, has_none_left, server, left_us > 0 ? left_us : 0);
	ev_signal_stop(server->wait->loop, &child);
	command_kill(&server->command);
}

const struct server_type server_deployment = {start, begin_stop, kill_command, collect, end};

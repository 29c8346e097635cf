/* SPDX-License-Identifier: MIT */
/* Servers behind one URL that a command line of the user's replaces, such as a rolling update. The drill stops
 * none of them itself, and signals none: the run ends with the command line, and the URL has to be answered
 * throughout. */
#include "drill/server/server.h"

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

/* Ends the command line, which took longer than the stop timeout; the servers run on. */
static void kill_command(struct server *server)
{
	server->was_killed = true;
	command_kill(&server->command);
}

static void collect(struct server *server)
{
	if (server->has_ended)
		server->exit_state = (struct run_exit){
			true, server->command.exit_code, server->command.exit_signal, false};
}

static void end(struct server *server)
{
	(void)server; /* server_end ends the command line; the servers are the user's */
}

const struct server_type server_deployment = {start, begin_stop, kill_command, collect, end};

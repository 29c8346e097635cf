/* SPDX-License-Identifier: MIT */
#include "drill/server/server.h"

#include "core/text/signal_name.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_command_ended(void *arg)
{
	const struct command *command = arg;

	return command->has_ended;
}

static const char *said(const struct command_output *output)
{
	return output->bytes != NULL ? output->bytes : "";
}

static size_t line_start(const char *said, size_t end)
{
	while (end > 0 && said[end - 1] != '\n')
		end--;
	return end;
}

static size_t line_end(const char *said, size_t end)
{
	while (end > 0 && strchr("\r\n ", said[end - 1]) != NULL)
		end--;
	return end;
}

/* Where to read on, which is how an engine's client ends what it has to say. */
static bool is_advice(const char *line)
{
	return strncmp(line, "See '", 5) == 0 || strncmp(line, "Run '", 5) == 0;
}

/* The last line that was said, without its end: most programs say there what was wrong. */
static void add_last_line(struct text *text, const char *said)
{
	size_t end = line_end(said, strlen(said)), start = line_start(said, end);

	if (start > 0 && is_advice(said + start)) {
		end = line_end(said, start);
		start = line_start(said, end);
	}
	text_add_bytes(text, said + start, end - start);
}

static void add_end(struct text *text, const struct run_exit *exit)
{
	if (!exit->is_known)
		text_add(text, "ended (how is not known)");
	else if (exit->signal != 0)
		text_printf(text, "ended by %s", signal_name(exit->signal));
	else
		text_printf(text, "exited with %d", exit->code);
}

void server_add_early_end(struct server *server, const char *when, struct text *text)
{
	const char *output;

	server_collect(server);
	text_add(text, "the target ");
	add_end(text, &server->exit_state);
	text_printf(text, " %s", when);
	output = server_err(server)[0] != '\0' ? server_err(server) : server_out(server);
	if (output[0] == '\0')
		return;
	text_add(text, "; it said '");
	add_last_line(text, output);
	text_add(text, "'");
}

/* "docker run: exited with 125: no such image". */
static void add_failure(struct text *text, const char *const argv[], const struct command *command)
{
	struct run_exit exit = {true, command->exit_code, command->exit_signal, false};

	text_printf(text, "%s %s ", argv[0], argv[1] != NULL ? argv[1] : "");
	add_end(text, &exit);
	if (said(&command->err)[0] != '\0') {
		text_add(text, ": ");
		add_last_line(text, said(&command->err));
	}
}

int server_call(struct server *server, struct command *command, const char *const argv[],
	int64_t timeout_us, struct text *error)
{
	int r = command_start(command, server->wait->loop, argv, NULL, NULL);

	if (r < 0) {
		text_printf(error, "cannot execute '%s': %s", argv[0], strerror(-r));
		return r;
	}
	r = event_wait_until(server->wait, has_command_ended, command, timeout_us);
	if (r == -ETIMEDOUT)
		text_printf(error, "%s %s took longer than %u s", argv[0],
			argv[1] != NULL ? argv[1] : "", (unsigned)(timeout_us / 1000000));
	if (r == 0 && command->exit_code != 0) {
		add_failure(error, argv, command);
		r = -ECHILD;
	}
	if (r < 0)
		command_close(command);
	return r;
}

static int run_start_line(struct server *server, struct text *error)
{
	const char *argv[] = {"sh", "-c", server->settings->start_line, NULL};
	struct command command = {0};
	int r = server_call(server, &command, argv, server->settings->start_timeout_us, error);

	command_close(&command);
	server->was_started_by_us = r == 0;
	return r;
}

static const struct server_type *type_of(enum server_kind kind)
{
	if (kind == SERVER_DEPLOYMENT)
		return &server_deployment;
	return kind == SERVER_PID || kind == SERVER_COMMAND ? &server_process : &server_container;
}

int server_start(struct server *server, const struct server_settings *settings,
	struct event_wait *wait, struct text *error)
{
	int r = 0;

	*server = (struct server){
		.settings = settings,
		.type = type_of(settings->kind),
		.wait = wait,
	};
	if (settings->start_line != NULL)
		r = run_start_line(server, error);
	return r == 0 ? server->type->start(server, error) : r;
}

void server_note_end(struct server *server, int64_t ended_us)
{
	if (server->has_ended)
		return;
	server->has_ended = true;
	server->ended_us = ended_us;
	ev_timer_stop(server->wait->loop, &server->deadline);
	if (server->on_end != NULL)
		server->on_end(server->user);
}

static void on_deadline(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct server *server = timer->data;

	(void)loop;
	(void)events;
	server->type->kill(server);
}

void server_note_failed_line(
	struct server *server, const char *which, const struct command *command)
{
	const struct run_exit exit = {true, command->exit_code, command->exit_signal, false};
	struct text text;

	text_init(&text, server->stop_error, sizeof(server->stop_error));
	text_printf(&text, "the %s command failed: ", which);
	if (line_end(said(&command->err), strlen(said(&command->err))) > 0)
		add_last_line(&text, said(&command->err));
	else
		add_end(&text, &exit);
}

/* A stop command that fails has stopped nothing, and the run shows nothing. */
static void on_stop_line_ended(void *user)
{
	struct server *server = user;

	if (server->stop.exit_code != 0)
		server_note_failed_line(server, "stop", &server->stop);
}

static int begin_stop_line(struct server *server)
{
	const char *argv[] = {"sh", "-c", server->settings->stop_line, NULL};

	return command_start(&server->stop, server->wait->loop, argv, on_stop_line_ended, server);
}

void server_begin_stop(struct server *server)
{
	int r;

	server->stopped_us = monoclock_now_us();
	server->stopped_unix_ms = wallclock_unix_ms();
	ev_now_update(server->wait->loop);
	ev_timer_init(
		&server->deadline, on_deadline, (double)server->settings->stop_timeout_us / 1e6, 0);
	server->deadline.data = server;
	ev_timer_start(server->wait->loop, &server->deadline);
	r = server->settings->stop_line != NULL ? begin_stop_line(server)
						: server->type->begin_stop(server);
	if (r < 0)
		(void)snprintf(server->stop_error, sizeof(server->stop_error), "cannot stop it: %s",
			strerror(-r));
}

pid_t server_process_id(const struct server *server)
{
	if (server->type != &server_process)
		return server->container_pid;
	return server->settings->kind == SERVER_COMMAND ? server->command.pid : server->pid;
}

void server_collect(struct server *server)
{
	server->wait->is_deaf = true;
	server->type->collect(server);
	server->wait->is_deaf = false;
}

const char *server_out(const struct server *server)
{
	return said(server->type == &server_container ? &server->logs.out : &server->command.out);
}

const char *server_err(const struct server *server)
{
	return said(server->type == &server_container ? &server->logs.err : &server->command.err);
}

void server_end(struct server *server)
{
	if (server->type == NULL)
		return;
	ev_timer_stop(server->wait->loop, &server->deadline);
	server->on_end = NULL;
	server->wait->is_deaf = true;
	command_close(&server->stop);
	command_close(&server->logs);
	server->type->end(server);
	command_close(&server->command);
	server->wait->is_deaf = false;
	server->type = NULL;
}

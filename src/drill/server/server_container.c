/* SPDX-License-Identifier: MIT */
/* A container, through its engine's client: docker, podman, or what speaks like them. */
#include "drill/server/server.h"

#include "core/text/number.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CLIENT_TIMEOUT_US INT64_C(30000000) /* for what an engine does at once */
#define MAX_ARGUMENTS 256

static const char *engine_of(const struct server *server)
{
	return server->settings->engine;
}

static int call(struct server *server, struct command *command, const char *const argv[],
	struct text *error)
{
	return server_call(server, command, argv, CLIENT_TIMEOUT_US, error);
}

/* Calls for its effect; its failure changes nothing. */
static void call_quietly(struct server *server, const char *const argv[])
{
	struct command command = {0};
	char bytes[256];
	struct text error;

	text_init(&error, bytes, sizeof(bytes));
	(void)call(server, &command, argv, &error);
	command_close(&command);
}

/* The first line of what the client said. */
static void copy_line(char *line, size_t cap, const char *said)
{
	size_t len = strcspn(said != NULL ? said : "", "\r\n");

	if (len >= cap)
		len = cap - 1;
	memcpy(line, said != NULL ? said : "", len);
	line[len] = '\0';
}

/* `docker run` with what the user has for it. Its own name is only what a failed run is removed by. */
static int make_container(struct server *server, struct text *error)
{
	const struct server_settings *settings = server->settings;
	const char *argv[MAX_ARGUMENTS] = {
		engine_of(server), "run", "--detach", "--name", server->container};
	struct command command = {0};
	unsigned count = 5;
	int r;

	(void)snprintf(server->container, sizeof(server->container), "lastcall-drill-%d-%lld",
		(int)getpid(), (long long)monoclock_now_us());
	if (settings->argc > MAX_ARGUMENTS - 6) {
		text_printf(error, "more than %d arguments for %s run", MAX_ARGUMENTS - 6, argv[0]);
		return -E2BIG;
	}
	for (unsigned i = 0; i < settings->argc; i++)
		argv[count++] = settings->argv[i];
	server->was_started_by_us = true;
	r = server_call(server, &command, argv, settings->start_timeout_us, error);
	if (r == 0) /* the identifier: the user's arguments may have given it another name */
		copy_line(server->container, sizeof(server->container), command.out.bytes);
	command_close(&command);
	return r;
}

/* What the engine says about a container. */
struct state {
	bool is_running, is_oom_killed;
	int exit_code, pid;
	char finished_at[64]; /* RFC 3339 */
	char address[64];
};

/* A number of the engine, with nothing behind it but what may end it. */
static int read_number(const char *word, const char *end, int *ret_number)
{
	const char *at = word;
	int64_t number = number_take_signed(&at);

	if (at == word || strcmp(at, end) != 0 || number < INT_MIN || number > INT_MAX)
		return -EINVAL;
	*ret_number = (int)number;
	return 0;
}

static int inspect(struct server *server, struct state *ret_state, struct text *error)
{
	static const char format[] = "{{.State.Running}} {{.State.OOMKilled}} {{.State.ExitCode}} "
				     "{{json .State.FinishedAt}} {{.State.Pid}} "
				     "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}";
	const char *argv[] = {engine_of(server), "inspect", "--type", "container", "--format",
		format, server->container, NULL};
	struct command command = {0};
	char running[8] = "", oom_killed[8] = "", exit_code[16] = "", pid[16] = "", line[512];
	int r = call(server, &command, argv, error), n;

	if (r < 0)
		return r;
	copy_line(line, sizeof(line), command.out.bytes);
	command_close(&command);
	*ret_state = (struct state){0};
	n = sscanf(line, "%7s %7s %15s \"%63[^\"]\" %15s %63s", running, oom_killed, exit_code,
		ret_state->finished_at, pid, ret_state->address);
	if (n < 5 || read_number(exit_code, "", &ret_state->exit_code) < 0 ||
		read_number(pid, "", &ret_state->pid) < 0) {
		text_printf(error, "%s inspect says '%s', which is not understood", argv[0], line);
		return -EBADMSG;
	}
	ret_state->is_running = strcmp(running, "true") == 0;
	ret_state->is_oom_killed = strcmp(oom_killed, "true") == 0;
	return 0;
}

static int start_container(struct server *server, struct text *error)
{
	const char *argv[] = {engine_of(server), "start", server->container, NULL};
	struct command command = {0};
	struct state state;
	int r;

	(void)snprintf(
		server->container, sizeof(server->container), "%s", server->settings->container);
	r = inspect(server, &state, error);
	if (r < 0 || state.is_running)
		return r;
	r = server_call(server, &command, argv, server->settings->start_timeout_us, error);
	server->was_started_by_us = r == 0;
	command_close(&command);
	return r;
}

/* The client that waits hears of the end from the engine; State.FinishedAt, which is from the engine's
 * clock, tells when it was. */
static void on_wait_ended(void *user)
{
	struct server *server = user;
	const struct command *client = &server->command;
	char said[128];

	if (client->exit_code == 0) {
		server_note_end(server, client->ended_us);
		return;
	}
	copy_line(
		said, sizeof(said), client->err.bytes); /* the engine has gone, not the container */
	(void)snprintf(server->stop_error, sizeof(server->stop_error), "%s wait failed: %s",
		engine_of(server), said);
}

static int start(struct server *server, struct text *error)
{
	const char *argv[] = {engine_of(server), "wait", server->container, NULL};
	struct state state;
	int r = server->settings->kind == SERVER_IMAGE ? make_container(server, error)
						       : start_container(server, error);

	if (r == 0)
		r = inspect(server, &state, error);
	if (r < 0)
		return r;
	(void)snprintf(server->address, sizeof(server->address), "%s", state.address);
	server->container_pid = state.pid;
	r = command_start(&server->command, server->wait->loop, argv, on_wait_ended, server);
	if (r < 0)
		text_printf(error, "cannot execute '%s': %s", argv[0], strerror(-r));
	return r;
}

static void on_client_ended(void *user)
{
	struct server *server = user;
	char said[128];

	if (server->stop.exit_code == 0)
		return;
	copy_line(said, sizeof(said), server->stop.err.bytes);
	(void)snprintf(server->stop_error, sizeof(server->stop_error), "%s could not stop it: %s",
		engine_of(server), said);
}

/* Another signal than the container's own is not for `docker stop` to send in all versions: then the
 * SIGKILL at the end is ours. */
static int begin_stop(struct server *server)
{
	const struct server_settings *settings = server->settings;
	char seconds[16], signal[16];
	const char *stop[] = {engine_of(server), "stop", "-t", seconds, server->container, NULL};
	const char *kill[] = {
		engine_of(server), "kill", "--signal", signal, server->container, NULL};

	(void)snprintf(signal, sizeof(signal), "%d", settings->stop_signal);
	(void)snprintf(
		seconds, sizeof(seconds), "%lld", (long long)(settings->stop_timeout_us / 1000000));
	if (settings->stop_signal == 0)
		ev_timer_stop(server->wait->loop, &server->deadline);
	return command_start(&server->stop, server->wait->loop,
		settings->stop_signal != 0 ? kill : stop, on_client_ended, server);
}

/* Only where no `docker stop` runs, which kills by itself. */
static void kill_container(struct server *server)
{
	const char *argv[] = {engine_of(server), "kill", server->container, NULL};

	command_close(&server->stop);
	(void)command_start(&server->stop, server->wait->loop, argv, NULL, NULL);
}

/* "2026-11-25T13:04:05.123456789Z" in microseconds since 1970; -1 for anything else. */
static int64_t unix_us(const char *rfc3339)
{
	struct tm tm = {0};
	const char *end = strptime(rfc3339, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t us = 0, unit = 100000;

	if (end == NULL)
		return -1;
	if (*end == '.') {
		for (end++; *end >= '0' && *end <= '9'; end++, unit /= 10)
			us += (*end - '0') * unit;
	}
	if (*end == '+' || *end == '-') { /* podman writes local time */
		int64_t sign = *end == '-' ? 1 : -1, hours, minutes;

		end++;
		hours = number_take(&end, 23);
		minutes = hours >= 0 && *end++ == ':' ? number_take(&end, 59) : -EINVAL;
		if (minutes < 0)
			return -1;
		us += sign * (hours * 60 + minutes) * 60000000;
	} else if (*end != 'Z') {
		return -1;
	}
	return (int64_t)timegm(&tm) * 1000000 + us;
}

/* On our clock, and no later than we heard of it. */
static void correct_end(struct server *server, const char *finished_at)
{
	int64_t finished_us = unix_us(finished_at), at_us;

	if (finished_us < 0 || server->stopped_us == 0)
		return;
	at_us = server->stopped_us + finished_us - server->stopped_unix_ms * 1000;
	if (at_us > server->stopped_us && at_us < server->ended_us)
		server->ended_us = at_us;
}

static void read_logs(struct server *server)
{
	char since[32];
	const char *argv[] = {engine_of(server), "logs", "--since", since, server->container, NULL};
	char bytes[256];
	struct text error;

	text_init(&error, bytes, sizeof(bytes));
	(void)snprintf(since, sizeof(since), "%lld", (long long)(server->stopped_unix_ms / 1000));
	if (call(server, &server->logs, argv, &error) < 0)
		command_close(&server->logs);
}

static void collect(struct server *server)
{
	struct state state;
	char bytes[256];
	struct text error;
	int code;

	text_init(&error, bytes, sizeof(bytes));
	if (server->has_ended && server->command.exit_code == 0 &&
		server->command.out.bytes != NULL &&
		read_number(server->command.out.bytes, "\n", &code) == 0)
		server->exit_state = (struct run_exit){.is_known = true, .code = code};
	if (inspect(server, &state, &error) == 0 && !state.is_running) {
		server->exit_state = (struct run_exit){.is_known = true,
			.code = state.exit_code,
			.is_oom_killed = state.is_oom_killed};
		correct_end(server, state.finished_at);
	}
	read_logs(server);
}

static void end(struct server *server)
{
	const char *remove[] = {
		engine_of(server), "rm", "--force", "--volumes", server->container, NULL};
	const char *kill[] = {engine_of(server), "kill", server->container, NULL};

	command_close(&server->command);
	if (server->settings->kind == SERVER_IMAGE && server->container[0] != '\0')
		call_quietly(server, remove);
	else if (server->was_started_by_us && !server->has_ended)
		call_quietly(server, kill); /* it did not run when we came */
}

const struct server_type server_container = {start, begin_stop, kill_container, collect, end};

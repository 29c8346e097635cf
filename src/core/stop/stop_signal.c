/* SPDX-License-Identifier: MIT */
#include "core/stop/stop_signal.h"

#include "core/recognise/server_signal.h"

#include <signal.h>
#include <string.h>

#define SIGNAL_RTMIN_3 37 /* SIGRTMIN+3, as every runtime of containers counts */

static bool is_always_one(int signal)
{
	return signal == SIGTERM || signal == SIGINT;
}

bool stop_signal_depends_on_program(int signal)
{
	return signal == SIGQUIT || server_signal_may_stop(signal);
}

/* lxc.signal.halt is SIGPWR, systemd-nspawn's KillSignal SIGRTMIN+3; each may be configured to send the other. */
static bool is_of_container(const char *container, int signal)
{
	return (signal == SIGPWR || signal == SIGNAL_RTMIN_3) && container != NULL &&
	       (strcmp(container, "lxc") == 0 || strcmp(container, "systemd-nspawn") == 0);
}

bool stop_signal_would_kill(const struct program *program, int signal)
{
	static const uint8_t harmless[] = {SIGCHLD, SIGCONT, SIGURG, SIGWINCH}; /* signal(7) */
	uint64_t spared = program->caught | program->blocked | program->ignored;

	for (size_t i = 0; i < sizeof harmless; i++)
		spared |= signal_bit(harmless[i]);
	return program->signals_known && (spared & signal_bit(signal)) == 0;
}

/* A handler for SIGQUIT is there for a thread dump, except where the runtime has it to end by it. */
static bool would_die_of_quit(const struct program *program)
{
	return program->is_go ||
	       (!program->waits_for_signals && stop_signal_would_kill(program, SIGQUIT));
}

static bool is_stop(const struct options *options, const char *container,
	const struct program *program, int signal)
{
	const struct server_signal *server;

	if (options->stop_on != 0)
		return (options->stop_on & signal_bit(signal)) != 0;
	if (is_always_one(signal) || is_of_container(container, signal))
		return true;
	if (!stop_signal_depends_on_program(signal))
		return false;
	server = server_signal_of(program);
	if (server != NULL && server->also_stops == signal)
		return true;
	return signal == SIGQUIT && would_die_of_quit(program);
}

bool stop_signal_begins_stop(const struct options *options, const char *container,
	const struct program *program, int signal)
{
	int rewritten = options->rewrite[signal];

	return rewritten > 0 && (is_stop(options, container, program, signal) ||
					is_stop(options, container, program, rewritten));
}

void stop_signal_add_list(struct text *text, const struct options *options, const char *container)
{
	const size_t start = text->len;

	for (int signal = 1; signal <= SIGNAL_MAX; signal++) {
		bool is_one = options->stop_on != 0
				      ? (options->stop_on & signal_bit(signal)) != 0
				      : is_always_one(signal) || is_of_container(container, signal);

		if (is_one)
			text_printf(text, "%s%s", text->len > start ? "," : "",
				signal_name(signal) + 3);
	}
}

static bool is_rewritten(const struct options *options, int received)
{
	return options->rewrite[received] > 0 && options->rewrite[received] != received;
}

bool stop_signal_is_chosen(const struct options *options, int received)
{
	return options->stop_signal > 0 || is_rewritten(options, received > 0 ? received : SIGTERM);
}

int stop_signal_to_send(const struct options *options, const struct program *program, int received,
	bool work_is_left)
{
	const struct server_signal *server;

	if (received == 0)
		received = SIGTERM;
	if (is_rewritten(options, received))
		return options->rewrite[received];
	if (options->stop_signal > 0)
		return options->stop_signal;
	server = server_signal_of(program);
	if (server != NULL)
		return work_is_left ? server->finishing : server->plain;
	if (is_always_one(received) || received == SIGQUIT ||
		stop_signal_is_handled(program, received) == 1)
		return received;
	return SIGTERM;
}

int stop_signal_to_send_when_done(
	const struct options *options, const struct program *program, int received, int sent)
{
	const struct server_signal *server = server_signal_of(program);

	if (server == NULL || stop_signal_is_chosen(options, received) ||
		sent != server->finishing || sent == server->plain)
		return 0;
	return server->plain;
}

int stop_signal_is_handled(const struct program *program, int signal)
{
	if (!program->signals_known || server_signal_runtime_catches(program, signal))
		return -1;
	if ((program->caught | program->blocked) & signal_bit(signal))
		return 1;
	return program->waits_for_signals ? -1 : 0;
}

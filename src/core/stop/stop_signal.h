/* SPDX-License-Identifier: MIT */
/* Which signal is a stop, and which one the application is sent then. docs/lastcall.1 has both as
 * tables, under SIGNALS. */
#pragma once

#include "core/cli/options.h"
#include "core/recognise/program.h"

/* Whether the answer for a signal depends on what the main process is at this moment. */
bool stop_signal_depends_on_program(int signal);

/* Whether a signal starts a stop; what the application gets for it may be another one (--rewrite), and
 * that counts as well, but one that is dropped does not. With --stop-on those that it names. Else
 * SIGTERM and SIGINT; SIGQUIT where the main process would die of it; what stops a known server; SIGPWR
 * and SIGRTMIN+3 where `container`, the variable of that name or NULL, is lxc or systemd-nspawn. program
 * is not read where the answer does not depend on it. */
bool stop_signal_begins_stop(const struct options *options, const char *container,
	const struct program *program, int signal);

/* What the application is sent to stop it, when `received` has started the stop (0: no signal has). The
 * first that says anything: --rewrite, --stop-signal, the table of servers, the received one. A signal
 * but SIGTERM, SIGINT and SIGQUIT is not handed on to an application that does not take it: it gets
 * SIGTERM. */
int stop_signal_to_send(const struct options *options, const struct program *program, int received,
	bool work_is_left);

/* Adds the signals that start a stop, whatever the application is: TERM,INT,PWR,RTMIN+3. */
void stop_signal_add_list(struct text *text, const struct options *options, const char *container);

/* Whether the user has chosen what is sent: then the table of servers does not count. */
bool stop_signal_is_chosen(const struct options *options, int received);

/* What to send next to a server that was sent `sent`, finishes on that, and has nothing in flight any more:
 * its plain signal, or it would wait for connections that were never used. 0: nothing. */
int stop_signal_to_send_when_done(
	const struct options *options, const struct program *program, int received, int sent);

/* Whether a signal ends this program unless it takes it in a way that /proc does not show: no handler is
 * there, and it is not ignored. False where that is not known. */
bool stop_signal_would_kill(const struct program *program, int signal);

/* Whether the main process takes a signal: it has a handler, or blocks it, as those do that wait for it
 * with sigwait(3) or read it from a signalfd(2). 1, 0, or -1: not known, also where its runtime catches
 * the signal only to end by it, and while it waits for signals. */
int stop_signal_is_handled(const struct program *program, int signal);

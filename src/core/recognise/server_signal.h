/* SPDX-License-Identifier: MIT */
/* Servers that do not simply finish their work and end on SIGTERM: which signals they stop on, and
 * which one loses nothing when. The table in server_signal.c is the only one; other tools read it
 * through server_signal_of_name. */
#pragma once

#include "core/recognise/program.h"

#include <stddef.h>

struct server_signal {
	char name[16]; /* of the program, its script or its module, without a version */
	/* A signal besides SIGTERM and SIGINT on which it stops, and which means nothing else to it; 0: none. */
	uint8_t also_stops;
	/* When nothing is in flight. It loses nothing then, while the finishing signal of many servers waits
	 * for clients that have never sent a request, or only keep their connection. */
	uint8_t plain;
	/* When work is left: it finishes that and ends. Where finishes is false no signal does both. */
	uint8_t finishing;
	bool finishes;
	char foreground[20]; /* the words that keep it in the foreground; empty: it is there */
	char needs[24]; /* the setting without which it does not finish; empty: none */
};

/* The server of this name, as a person or a process title writes it: with a path before it, a version
 * (php-fpm8.2) or a title (nginx: master process) behind it. NULL: nothing special is known of it. */
const struct server_signal *server_signal_of_name(const char *name);

/* The row of a number, or NULL: for tools that list them. */
const struct server_signal *server_signal_row(size_t index);

/* The server that a process is: by its name, its file, its title, or the script or module that an
 * interpreter runs (python3 -m waitress). NULL: nothing special is known of it. */
const struct server_signal *server_signal_of(const struct program *program);

/* Whether a signal stops any of them, besides SIGTERM and SIGINT. */
bool server_signal_may_stop(int signal);

/* Whether this program's runtime catches the signal only to end by it, so that a handler in /proc says
 * nothing of the application: every signal of Go (os/signal: "causes the program to exit"), SIGINT and
 * SIGTERM of Node (src/node.cc, SignalExit), Deno. */
bool server_signal_runtime_catches(const struct program *program, int signal);

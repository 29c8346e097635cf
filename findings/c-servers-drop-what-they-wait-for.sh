#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# libmicrohttpd and civetweb wait for their handlers at a stop, and throw the answers away
#
# Guess: MHD_stop_daemon() and mg_stop() wait for the handlers that run, and send their answers.
# Seen: they wait until each handler has returned, but its client gets nothing: libmicrohttpd shuts the connections down
#   first, and civetweb's mg_write() sends nothing once a stop has begun. The handler sees success, or a length of 0.
#   libmicrohttpd's answer arrives if the program calls MHD_quiesce_daemon() first, and stops when
#   MHD_OPTION_NOTIFY_COMPLETED has named the last request.
# For containers: a stop takes as long as a graceful one, ends with 0, and loses all requests in flight. What a handler has
#   written to a database is done, and its client tries again.
# Software: Debian 12, libmicrohttpd 0.9.75-6, civetweb 1.15+dfsg-4; gcc; Linux 6.18
# Source: libmicrohttpd, src/microhttpd/daemon.c (close_all_connections); civetweb, src/civetweb.c (mg_stop, push_all)
# Output, 2026-11-29:
#   libmicrohttpd, a thread per connection: a request of 2 s: cut
#   libmicrohttpd, a thread per connection: ends after: 2.0 s
#   libmicrohttpd, a thread per connection: exit status: 0
#   libmicrohttpd, a thread per connection: its handler saw: success
#   libmicrohttpd, one thread: a request of 2 s: cut
#   libmicrohttpd, one thread: ends after: 2.0 s
#   libmicrohttpd, one thread: exit status: 0
#   libmicrohttpd, one thread: its handler saw: success
#   libmicrohttpd, quiesced first: a request of 2 s: whole
#   libmicrohttpd, quiesced first: ends after: 2.0 s
#   libmicrohttpd, quiesced first: exit status: 0
#   libmicrohttpd, quiesced first: its handler saw: success
#   civetweb: a request of 2 s: cut
#   civetweb: ends after: 2.0 s
#   civetweb: exit status: 0
#   civetweb: its handler saw: mg_write: 0
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
need gcc
debian libmicrohttpd-dev=0.9.75-6 libmicrohttpd12=0.9.75-6 libcivetweb-dev=1.15+dfsg-4 libcivetweb1=1.15+dfsg-4
cat >"$work/signal_wait.h" <<'C'
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static sigset_t stop_signals;

static void block_stop(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&stop_signals);
	sigaddset(&stop_signals, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &stop_signals, NULL);
}

static void wait_for_stop(void)
{
	int signal_number;

	sigwait(&stop_signals, &signal_number);
}
C
cat >"$work/mhd.c" <<'C'
#include "signal_wait.h"
#include <microhttpd.h>

static volatile int requests;

static enum MHD_Result answer(void *data, struct MHD_Connection *connection, const char *url, const char *method,
			      const char *version, const char *body, size_t *size, void **state)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	if (*state == NULL) {
		*state = connection;
		return MHD_YES;
	}
	requests++;
	puts("began");
	sleep(2);
	response = MHD_create_response_from_buffer(5, "done\n", MHD_RESPMEM_PERSISTENT);
	result = MHD_queue_response(connection, 200, response);
	MHD_destroy_response(response);
	puts(result == MHD_YES ? "the handler: success" : "the handler: failure");
	return result;
}

static void request_done(void *data, struct MHD_Connection *connection, void **state,
			 enum MHD_RequestTerminationCode code)
{
	requests--;
}

int main(int argc, char **argv)
{
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD;
	struct MHD_Daemon *daemon;

	block_stop();
	if (strcmp(argv[1], "one") != 0)
		flags |= MHD_USE_THREAD_PER_CONNECTION;
	daemon = MHD_start_daemon(flags, 8080, NULL, NULL, answer, NULL, MHD_OPTION_NOTIFY_COMPLETED,
				  request_done, NULL, MHD_OPTION_END);
	if (daemon == NULL)
		return 1;
	wait_for_stop();
	if (argc > 2) {
		close(MHD_quiesce_daemon(daemon));
		while (requests > 0)
			usleep(20000);
	}
	MHD_stop_daemon(daemon);
	return 0;
}
C
cat >"$work/civet.c" <<'C'
#include "signal_wait.h"
#include <civetweb.h>

static int answer(struct mg_connection *connection, void *data)
{
	static const char text[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ndone\n";

	puts("began");
	sleep(2);
	printf("the handler: mg_write: %d\n", mg_write(connection, text, sizeof(text) - 1));
	return 200;
}

int main(void)
{
	const char *options[] = {"listening_ports", "127.0.0.1:8080", "num_threads", "4", NULL};
	struct mg_callbacks callbacks;
	struct mg_context *context;

	block_stop();
	memset(&callbacks, 0, sizeof(callbacks));
	mg_init_library(0);
	context = mg_start(&callbacks, NULL, options);
	if (context == NULL)
		return 1;
	mg_set_request_handler(context, "/", answer, NULL);
	wait_for_stop();
	mg_stop(context);
	return 0;
}
C
for program in mhd:libmicrohttpd.so.12 civet:libcivetweb.so.1; do
	gcc -O1 -w -I"$root/usr/include" -I"$root/usr/include/$(uname -m)-linux-gnu" -L"$libraries" -o "$work/${program%:*}" \
		"$work/${program%:*}.c" "-l:${program#*:}" -pthread || cannot_run "cannot compile ${program%:*}.c"
done
probe <<'PY'
import re
from probe import Client, Server, check, finish, is_listening, wait_for

for name, command, answer, said in (
        ("libmicrohttpd, a thread per connection", "mhd threads", "cut", "success"),
        ("libmicrohttpd, one thread", "mhd one", "cut", "success"),
        ("libmicrohttpd, quiesced first", "mhd threads quiesce", "whole", "success"),
        ("civetweb", "civet", "cut", "mg_write: 0")):
    open("server.log", "w").close()
    program, *arguments = command.split()
    server = Server(f"./{program}", *arguments, port=8080)
    client = Client(8080, b"GET / HTTP/1.0\r\n\r\n")
    wait_for(lambda: "began" in server.log_text(), "the request")
    server.signal("TERM")
    check(f"{name}: a request of 2 s", client.answer(), answer)
    check(f"{name}: ends after", server.seconds_to_end(), (1.5, 4.5))
    check(f"{name}: exit status", server.status(), 0)
    check(f"{name}: its handler saw", "".join(re.findall("the handler: (.*)", server.log_text())), said)
    wait_for(lambda: not is_listening(8080), "the end of the listener")
finish()
PY

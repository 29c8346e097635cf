/* SPDX-License-Identifier: MIT */
/* What a busy host has, and what a container among it holds. Each prints "ready" when it is there, and lives
 * until its standard input ends, or a signal ends it.
 *
 *	crowd others COUNT          so many TCP sockets, in a network namespace of their own
 *	crowd processes COUNT       so many processes that sleep
 *	crowd serve PORT            an application that takes requests and never answers
 *	crowd clients PORT COUNT    its clients, each with a request
 *	crowd stubborn COUNT        an application that leaves so many processes that ignore SIGTERM */
#include "bench/must.h"
#include "bench/network.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 16384

static void report_ready(void)
{
	must((int)write(STDOUT_FILENO, "ready\n", 6), "write");
}

static void await_end(void)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
}

static int connect_to(uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t len = network_address(ADDRESS_V4, port, &address);
	int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

	must(connect(fd, (const struct sockaddr *)&address, len), "connect");
	return fd;
}

static int others(unsigned count)
{
	uint16_t port;
	int listen_fd;

	network_enter(0);
	listen_fd = network_listen(ADDRESS_V4, &port);
	for (unsigned i = 0; i < count / 2; i++) {
		(void)connect_to(port);
		must(accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC), "accept4");
	}
	report_ready();
	await_end();
	return 0;
}

/* They end with us, or outlive us. */
static void fork_sleepers(unsigned count, int signal_at_our_end)
{
	for (unsigned i = 0; i < count; i++) {
		if (must(fork(), "fork") > 0)
			continue;
		prctl(PR_SET_PDEATHSIG, signal_at_our_end);
		for (;;)
			pause();
	}
}

static int processes(unsigned count)
{
	fork_sleepers(count, SIGKILL);
	report_ready();
	await_end();
	return 0;
}

static int stubborn(unsigned count)
{
	(void)signal(SIGTERM, SIG_IGN);
	fork_sleepers(count, 0);
	(void)signal(SIGTERM, SIG_DFL);
	report_ready();
	while (pause() < 0)
		continue;
	return 0;
}

static int serve(uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t len = network_address(ADDRESS_V4, port, &address);
	int listen_fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"), fd;
	char request[256];

	must(bind(listen_fd, (const struct sockaddr *)&address, len), "bind");
	must(listen(listen_fd, BACKLOG), "listen");
	report_ready();
	while ((fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		(void)!recv(fd, request, sizeof request, 0); /* each client sends at once */
	fail_errno("accept4");
}

static int clients(uint16_t port, unsigned count)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

	for (unsigned i = 0; i < count; i++)
		must((int)send(connect_to(port), request, sizeof request - 1, MSG_NOSIGNAL),
			"send");
	report_ready();
	await_end();
	return 0;
}

static unsigned number(const char *text)
{
	return (unsigned)strtoul(text, NULL, 10);
}

int main(int argc, char *argv[])
{
	struct rlimit limit;

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (argc == 3 && strcmp(argv[1], "others") == 0)
		return others(number(argv[2]));
	if (argc == 3 && strcmp(argv[1], "processes") == 0)
		return processes(number(argv[2]));
	if (argc == 3 && strcmp(argv[1], "stubborn") == 0)
		return stubborn(number(argv[2]));
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		return serve((uint16_t)number(argv[2]));
	if (argc == 4 && strcmp(argv[1], "clients") == 0)
		return clients((uint16_t)number(argv[2]), number(argv[3]));
	return BENCH_BROKEN;
}

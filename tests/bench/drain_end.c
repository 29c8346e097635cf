/* SPDX-License-Identifier: MIT */
/* How soon the end of a drain is noticed: from the last byte of the last answer to the application's
 * SIGTERM, with the built lastcall and this program once more as its application. */
#include "bench/must.h"
#include "bench/network.h"
#include "bench/traffic_server.h"
#include "sys/monoclock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DOUBT_MS                                                                                   \
	2000 /* an answer whose sending a poll saw may be the first piece of several for so long */
#define ANSWER_AFTER_US 150000
#define ANSWERS_BEFORE                                                                             \
	20 /* a young connection's segments may be a greeting, and hold a drain for longer */
#define KEEP_ALIVE_P95_MS 20.0
#define CLOSE_P95_MS 5.0

/* The application: serves on an inherited socket, and says when SIGTERM came. */
static int serve(int listen_fd, int report_fd)
{
	int64_t now_us;
	sigset_t term;
	int number;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	traffic_server_start(&listen_fd, 1, 100, NULL);
	sigwait(&term, &number);
	now_us = monoclock_now_us();
	return write(report_fd, &now_us, sizeof now_us) == sizeof now_us ? 0 : 1;
}

/* Clients are on another machine, as a rule: there lastcall and its application are. */
static int far;

static struct sockaddr_in far_address(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

	(void)inet_pton(AF_INET, NETWORK_FAR_ADDRESS, &address.sin_addr);
	return address;
}

static int listen_there(uint16_t *ret_port)
{
	int near = must(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), "/proc/self/ns/net"), fd;
	struct sockaddr_in address = far_address(0);
	socklen_t len = sizeof address;

	must(setns(far, CLONE_NEWNET), "setns");
	fd = must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
	must(setns(near, CLONE_NEWNET), "setns");
	close(near);
	must(bind(fd, (const struct sockaddr *)&address, len), "bind");
	must(listen(fd, 128), "listen");
	must(getsockname(fd, (struct sockaddr *)&address, &len), "getsockname");
	*ret_port = ntohs(address.sin_port);
	return fd;
}

static pid_t start_lastcall(const char *lastcall, const char *self, int listen_fd, int report_fd)
{
	char listen_text[16], report_text[16];
	pid_t pid = must(fork(), "fork");

	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	must(setns(far, CLONE_NEWNET), "setns");
	snprintf(listen_text, sizeof listen_text, "%d", listen_fd);
	snprintf(report_text, sizeof report_text, "%d", report_fd);
	execl(lastcall, lastcall, "--listen=off", "--report=off", "--quiet", "--settle=200ms",
		"--stop-timeout=10s", "--", self, "--serve", listen_text, report_text,
		(char *)NULL);
	_exit(127);
}

static int connect_to(uint16_t port)
{
	struct sockaddr_in address = far_address(port);
	int fd = must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

	must(connect(fd, (const struct sockaddr *)&address, sizeof address), "connect");
	return fd;
}

static void ask(int fd, unsigned delay_us, bool close)
{
	char request[256];
	size_t len = (size_t)snprintf(request, sizeof request,
		"GET " REQUEST_PATH_FORMAT " HTTP/1.1\r\n%s\r\n", 0u, delay_us, 200u, 0u, 0u, 2u,
		close ? "Connection: close\r\n" : "");

	must((int)send(fd, request, len, MSG_NOSIGNAL), "send");
}

/* Returns when the answer is here to its last byte. */
static int64_t await_answer(int fd)
{
	const struct answer_plan plan = {.bytes = 200};
	uint64_t left = answer_size(&plan);
	char buf[4096];

	while (left > 0) {
		ssize_t len = recv(fd, buf, sizeof buf, 0);

		if (len <= 0)
			fail_errno("recv");
		left -= (uint64_t)len;
	}
	return monoclock_now_us();
}

static void pause_us(long us)
{
	const struct timespec time = {0, us * 1000};

	(void)nanosleep(&time, NULL);
}

/* One stop; returns by how many ms the application was signalled later than the last byte was here. */
static double stop_once(const char *lastcall, const char *self, bool close_connection)
{
	int64_t last_us, signalled_us;
	uint16_t port;
	int fds[2], listen_fd = listen_there(&port), fd, status;
	pid_t pid;

	must(pipe(fds), "pipe");
	(void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	pid = start_lastcall(lastcall, self, listen_fd, fds[1]);
	close(fds[1]);
	close(listen_fd);
	fd = connect_to(port);
	for (int i = 0; i < ANSWERS_BEFORE; i++) { /* the application runs */
		ask(fd, 0, false);
		(void)await_answer(fd);
	}
	ask(fd, ANSWER_AFTER_US + (unsigned)(monoclock_now_us() % 20000), close_connection);
	pause_us(50000); /* no wait: the signal comes within the request, which takes longer */
	must(kill(pid, SIGTERM), "kill");
	last_us = await_answer(fd);
	if (close_connection) {
		char byte;

		(void)!recv(fd, &byte, 1, 0);
		close(fd);
	}
	if (read(fds[0], &signalled_us, sizeof signalled_us) != sizeof signalled_us) {
		fprintf(stderr, "bench: error: the application was not signalled\n");
		exit(BENCH_BROKEN);
	}
	close(fds[0]);
	if (!close_connection)
		close(fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return (double)(signalled_us - last_us) / 1000;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* For how long lastcall leaves a connection in doubt on which the last answer was sent. */
static int doubt_ms(void)
{
	const char *given = getenv("LASTCALL_BENCH_DOUBT_MS");

	return given != NULL ? atoi(given) : DOUBT_MS;
}

static int measure(const char *lastcall, const char *self, int stops, bool close_connection)
{
	double *late = must_calloc((size_t)stops, sizeof *late);
	double limit = close_connection ? CLOSE_P95_MS : KEEP_ALIVE_P95_MS, p95;

	for (int i = 0; i < stops; i++)
		late[i] = stop_once(lastcall, self, close_connection) -
			  (close_connection ? 0 : doubt_ms());
	qsort(late, (size_t)stops, sizeof *late, compare);
	p95 = late[(stops * 95 + 99) / 100 - 1];
	printf("| %-22s | %5d | %6.1f | %6.1f | %6.1f | %6.1f | %6.0f |\n",
		close_connection ? "connection closes" : "keep-alive, minus doubt", stops, late[0],
		late[stops / 2], p95, late[stops - 1], limit);
	fflush(stdout);
	free(late);
	return p95 <= limit ? 0 : BENCH_FAILED;
}

int main(int argc, char *argv[])
{
	const char *lastcall = getenv("LASTCALL_BIN");
	int stops = argc > 1 && argv[1][0] != '-' ? atoi(argv[1]) : 40;
	char self[4096] = "";
	int status;

	if (argc == 4 && strcmp(argv[1], "--serve") == 0)
		return serve(atoi(argv[2]), atoi(argv[3]));
	if (lastcall == NULL)
		lastcall = LASTCALL_DEFAULT_BIN;
	if (access(lastcall, X_OK) < 0)
		cannot_run("no lastcall to run; name one by LASTCALL_BIN");
	if (stops < 1)
		stops = 1;
	if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
		fail_errno("/proc/self/exe");
	network_enter(0);
	far = network_leave();
	printf("| ms                     | stops |    min |    p50 |    p95 |    max |  limit |\n");
	printf("|------------------------|------:|-------:|-------:|-------:|-------:|-------:|\n");
	status = measure(lastcall, self, stops, false);
	return measure(lastcall, self, stops, true) | status;
}

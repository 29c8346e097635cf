/* SPDX-License-Identifier: MIT */
#include "busy_server.h"

#include "scripted_server.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 512

/* All slow answers take equally long: the first request is answered first. */
struct late_answers {
	struct {
		int fd;
		msec_t at;
	} * waiting;
	size_t first, count, cap;
};

static void answer(int fd)
{
	static const char bytes[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

	(void)!send(fd, bytes, sizeof bytes - 1, MSG_NOSIGNAL);
}

static void answer_later(struct late_answers *late, int fd, msec_t at)
{
	size_t place = (late->first + late->count++) % late->cap;

	late->waiting[place].fd = fd;
	late->waiting[place].at = at;
}

/* Returns how long the next one has to wait, or -1. */
static int answer_due(struct late_answers *late)
{
	msec_t now = monoclock_now();

	while (late->count > 0 && late->waiting[late->first].at <= now) {
		answer(late->waiting[late->first].fd);
		late->first = (late->first + 1) % late->cap;
		late->count--;
	}
	return late->count > 0 ? (int)(late->waiting[late->first].at - now) : -1;
}

static void accept_all(int epoll, int listener)
{
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
		struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

		if (fd < 0)
			return;
		(void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	}
}

static void serve(int fd, struct late_answers *late, int slow_ms)
{
	char request[2048];
	ssize_t len = recv(fd, request, sizeof request - 1, 0);

	if (len <= 0) {
		close(fd);
		return;
	}
	request[len] = '\0';
	if (strncmp(request, "GET /slow ", 10) == 0)
		answer_later(late, fd, monoclock_now() + slow_ms);
	else
		answer(fd);
	if (strstr(request, "Connection: close\r\n") != NULL)
		close(fd);
}

static _Noreturn void serve_all(int listener, unsigned connections, int slow_ms)
{
	struct late_answers late = {.cap = connections};
	struct epoll_event events[EVENTS] = {{.events = EPOLLIN, .data.fd = listener}};
	int epoll = epoll_create1(0);

	late.waiting = calloc(late.cap, sizeof *late.waiting);
	(void)epoll_ctl(epoll, EPOLL_CTL_ADD, listener, events);
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS, answer_due(&late));

		for (int i = 0; i < count; i++) {
			if (events[i].data.fd == listener)
				accept_all(epoll, listener);
			else
				serve(events[i].data.fd, &late, slow_ms);
		}
	}
}

/* Root may have more than the hard limit says. */
static bool raise_descriptor_limit(unsigned connections)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return false;
	limit.rlim_cur = connections + 100;
	if (limit.rlim_max < limit.rlim_cur)
		limit.rlim_max = limit.rlim_cur;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

pid_t busy_server_start(unsigned connections, int slow_ms, uint16_t *ret_port)
{
	int listener;
	pid_t pid;

	if (!raise_descriptor_limit(connections)) /* which the child inherits */
		return -EMFILE;
	listener = scripted_listen(4096, ret_port);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)fcntl(listener, F_SETFL, O_NONBLOCK);
		serve_all(listener, connections, slow_ms);
	}
	close(listener);
	return pid;
}

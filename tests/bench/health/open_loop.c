/* SPDX-License-Identifier: MIT */
/* Clients that do not wait for each other: so many requests a second at random times, the same for every
 * server. A request's time counts from the moment when it was due, so that one that had to wait for a
 * slow server's sake is not left out. The first fifth of a second is not counted.
 *
 *	open_loop PORT PATH keep|connect SECONDS REQUESTS_PER_SECOND
 *
 * keep has 64 connections, connect makes one for each request. Prints what prober prints. It never
 * sleeps: it needs a processor to itself. */
#include "samples.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEPT 64
#define CLIENTS_MAX 4096
#define EVENTS 64
#define WARM_UP_US 200000 /* connections are made, and a server has polled its sockets once */

struct client {
	int fd; /* -1: not connected */
	int64_t due_us;
	struct client *next_free;
};

struct load {
	struct sockaddr_in server;
	bool keep;
	int epoll_fd;
	char request[512];
	size_t request_len;
	struct client clients[CLIENTS_MAX];
	struct client *free;
	struct samples samples;
};

static void drop(struct load *load, struct client *client)
{
	if (client->fd >= 0)
		(void)close(client->fd);
	client->fd = -1;
	client->next_free = load->free;
	load->free = client;
}

/* On loopback the handshake is over when connect returns, although it says EINPROGRESS. */
static bool connect_client(struct load *load, struct client *client)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
	int on = 1;

	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (client->fd < 0)
		return false;
	(void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(client->fd, (struct sockaddr *)&load->server, sizeof load->server) < 0 &&
		errno != EINPROGRESS)
		return false;
	return epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, client->fd, &event) == 0;
}

static void ask(struct load *load, int64_t due_us)
{
	struct client *client = load->free;

	load->free = client->next_free;
	client->due_us = due_us;
	if ((client->fd < 0 && !connect_client(load, client)) ||
		send(client->fd, load->request, load->request_len, MSG_NOSIGNAL) !=
			(ssize_t)load->request_len) {
		load->samples.failed++;
		drop(load, client);
	}
}

/* An answer is small and comes whole. */
static bool take_answer(struct load *load, struct client *client)
{
	char answer[4096];
	ssize_t got = recv(client->fd, answer, sizeof answer, 0);
	bool is_whole = got > 11 && memcmp(answer, "HTTP/1.1 200", 12) == 0 &&
			memcmp(answer + got - 2, "}\n", 2) == 0;
	bool goes_on = true;

	if (is_whole)
		goes_on = samples_add(&load->samples, samples_now_us() - client->due_us);
	else
		load->samples.failed++;
	if (load->keep && is_whole) {
		client->next_free = load->free;
		load->free = client;
	} else {
		drop(load, client);
	}
	return goes_on;
}

static void run(struct load *load, int64_t end_us, double mean_us)
{
	struct epoll_event events[EVENTS];
	double due_us = (double)load->samples.began_us;

	for (int64_t now = 0; now < end_us; now = samples_now_us()) {
		int count;

		while (due_us <= (double)now && load->free != NULL) {
			ask(load, (int64_t)due_us);
			due_us -= mean_us * log1p(-drand48());
		}
		count = epoll_wait(load->epoll_fd, events, EVENTS, 0);
		for (int i = 0; i < count; i++) {
			if (!take_answer(load, events[i].data.ptr))
				return;
		}
	}
}

int main(int argc, char *argv[])
{
	static struct load load;
	struct rlimit limit = {2 * CLIENTS_MAX, 2 * CLIENTS_MAX};

	if (argc != 6)
		return 2;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	load.keep = strcmp(argv[3], "keep") == 0;
	load.server = (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(argv[1])),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	load.request_len = (size_t)snprintf(load.request, sizeof load.request,
		"GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", argv[2],
		load.keep ? "" : "Connection: close\r\n");
	load.epoll_fd = epoll_create1(0);
	for (int i = 0; i < (load.keep ? KEPT : CLIENTS_MAX); i++) {
		load.clients[i].fd = -1;
		drop(&load, &load.clients[i]);
	}
	samples_begin(&load.samples);
	run(&load, load.samples.began_us + WARM_UP_US, 1e6 / atof(argv[5]));
	samples_begin_again(&load.samples);
	run(&load, load.samples.began_us + (int64_t)(atof(argv[4]) * 1e6), 1e6 / atof(argv[5]));
	return samples_print(&load.samples);
}

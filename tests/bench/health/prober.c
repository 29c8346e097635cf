/* SPDX-License-Identifier: MIT */
/* A load balancer's prober: one request at a time, each timed from the connection on (or, with a kept
 * connection, from its sending) to the answer's last byte.
 *
 *	prober PORT PATH keep|connect SECONDS PAUSE_US [SOURCE]
 *
 * Prints {"count":…,"failed":…,"rps":…,"p50_us":…,"p99_us":…,"p999_us":…,"max_us":…}. */
#include "samples.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int open_connection(uint16_t port, const char *source)
{
	struct sockaddr_in addr = {.sin_family = AF_INET}, from = {.sin_family = AF_INET};
	struct timeval patience = {.tv_sec = 10};
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	addr.sin_port = htons(port);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (source != NULL && inet_pton(AF_INET, source, &from.sin_addr) == 1) {
		(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
		(void)bind(fd, (struct sockaddr *)&from, sizeof from);
	}
	if (connect(fd, (struct sockaddr *)&addr, sizeof addr) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* Whether a whole answer came. */
static bool ask(int fd, const char *request)
{
	char answer[4096];
	size_t len = 0, wanted = sizeof answer;

	if (send(fd, request, strlen(request), MSG_NOSIGNAL) != (ssize_t)strlen(request))
		return false;
	while (len < wanted) {
		ssize_t got = recv(fd, answer + len, sizeof answer - 1 - len, 0);
		const char *end, *body;

		if (got <= 0)
			return false;
		len += (size_t)got;
		answer[len] = '\0';
		end = strstr(answer, "\r\n\r\n");
		body = strstr(answer, "Content-Length: ");
		if (end != NULL && body != NULL)
			wanted = (size_t)(end + 4 - answer) + (size_t)atoi(body + 16);
	}
	return strncmp(answer, "HTTP/1.1 ", 9) == 0;
}

int main(int argc, char *argv[])
{
	bool keep = argc >= 6 && strcmp(argv[3], "keep") == 0;
	const char *source = argc > 6 ? argv[6] : NULL;
	char request[512];
	struct samples samples;
	int64_t end;
	int fd = -1;

	if (argc < 6)
		return 2;
	(void)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", argv[2],
		keep ? "" : "Connection: close\r\n");
	samples_begin(&samples);
	end = samples.began_us + (int64_t)(atof(argv[4]) * 1e6);
	for (int64_t start; (start = samples_now_us()) < end;) {
		if (fd < 0)
			fd = open_connection((uint16_t)atoi(argv[1]), source);
		if (fd < 0 || !ask(fd, request)) {
			samples.failed++;
			if (fd >= 0)
				(void)close(fd);
			fd = -1;
			continue;
		}
		if (!samples_add(&samples, samples_now_us() - start))
			break;
		if (!keep) {
			(void)close(fd);
			fd = -1;
		}
		if (atoi(argv[5]) > 0)
			(void)usleep((useconds_t)atoi(argv[5])); /* the pace that was asked for */
	}
	return samples_print(&samples);
}

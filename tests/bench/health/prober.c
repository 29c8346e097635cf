/* SPDX-License-Identifier: MIT */
/* A load balancer's prober: one request at a time, each timed from the connection on (or, with a kept
 * connection, from its sending) to the answer's last byte.
 *
 *	prober PORT PATH keep|connect SECONDS PAUSE_US [SOURCE]
 *
 * Prints {"count":…,"failed":…,"rps":…,"p50_us":…,"p99_us":…,"p999_us":…,"max_us":…}. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SAMPLES_MAX 4000000

static uint32_t samples[SAMPLES_MAX];

static int64_t now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

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

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

int main(int argc, char *argv[])
{
	bool keep = argc >= 6 && strcmp(argv[3], "keep") == 0;
	const char *source = argc > 6 ? argv[6] : NULL;
	char request[512];
	int64_t end, began;
	size_t count = 0, failed = 0;
	int fd = -1;

	if (argc < 6)
		return 2;
	(void)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", argv[2],
		keep ? "" : "Connection: close\r\n");
	began = now_us();
	end = began + (int64_t)(atof(argv[4]) * 1e6);
	while (now_us() < end && count < SAMPLES_MAX) {
		int64_t start = now_us();

		if (fd < 0)
			fd = open_connection((uint16_t)atoi(argv[1]), source);
		if (fd < 0 || !ask(fd, request)) {
			failed++;
			if (fd >= 0)
				(void)close(fd);
			fd = -1;
			continue;
		}
		samples[count++] = (uint32_t)(now_us() - start);
		if (!keep) {
			(void)close(fd);
			fd = -1;
		}
		if (atoi(argv[5]) > 0)
			(void)usleep((useconds_t)atoi(argv[5]));
	}
	if (count == 0)
		return printf("{\"count\":0,\"failed\":%zu}\n", failed) < 0;
	qsort(samples, count, sizeof samples[0], compare);
	(void)printf("{\"count\":%zu,\"failed\":%zu,\"rps\":%.0f,\"p50_us\":%u,\"p99_us\":%u,"
		     "\"p999_us\":%u,\"max_us\":%u}\n",
		count, failed, (double)count * 1e6 / (double)(now_us() - began), samples[count / 2],
		samples[count * 99 / 100], samples[count * 999 / 1000], samples[count - 1]);
	return 0;
}

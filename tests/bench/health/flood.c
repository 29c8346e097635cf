/* SPDX-License-Identifier: MIT */
/* Clients that want to keep a server from its work, each from an address of its own in 127.0.0.0/8.
 *
 *	flood PORT COUNT SECONDS silent|partial|dribble|idle|storm|half-open
 *
 * silent     connects and says nothing
 * partial    sends a part of a request and stays
 * dribble    sends a request byte by byte, for ever
 * idle       sends a request, takes the answer and stays
 * storm      connects and leaves at once
 * half-open  SYNs with invented sources, and nothing more
 *
 * A dropped client connects again at once. Prints {"connected":…,"dropped":…}. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 512
#define DRIBBLES_A_PASS 64

enum mode { SILENT, PARTIAL, DRIBBLE, IDLE, STORM, HALF_OPEN, MODES };

static const char *const names[MODES] = {
	"silent", "partial", "dribble", "idle", "storm", "half-open"};
static const char part[] = "GET /healthcheck HTTP/1.1\r\nHost: a\r\nX-Filler: ";
static const char whole[] = "GET /healthcheck HTTP/1.1\r\nHost: a\r\n\r\n";

struct flood {
	enum mode mode;
	struct sockaddr_in server;
	int epoll_fd;
	int *fds;
	uint32_t count, dribbled;
	unsigned long connected, dropped;
};

static double now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void connect_one(struct flood *flood, uint32_t i)
{
	struct sockaddr_in from = {.sin_family = AF_INET};
	struct epoll_event event = {.events = EPOLLOUT | EPOLLRDHUP, .data.u32 = i};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

	flood->fds[i] = fd;
	if (fd < 0)
		return;
	from.sin_addr.s_addr = htonl(0x7F010000 + i);
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
	(void)bind(fd, (struct sockaddr *)&from, sizeof from);
	(void)connect(fd, (struct sockaddr *)&flood->server, sizeof flood->server);
	(void)epoll_ctl(flood->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void reconnect(struct flood *flood, uint32_t i)
{
	if (flood->fds[i] >= 0)
		(void)close(flood->fds[i]);
	connect_one(flood, i);
}

static void on_connected(struct flood *flood, uint32_t i)
{
	struct epoll_event event = {.events = EPOLLRDHUP, .data.u32 = i};

	flood->connected++;
	if (flood->mode == STORM) {
		reconnect(flood, i);
		return;
	}
	if (flood->mode == PARTIAL || flood->mode == DRIBBLE)
		(void)send(flood->fds[i], part, sizeof part - 1, MSG_NOSIGNAL);
	if (flood->mode == IDLE)
		(void)send(flood->fds[i], whole, sizeof whole - 1, MSG_NOSIGNAL);
	(void)epoll_ctl(flood->epoll_fd, EPOLL_CTL_MOD, flood->fds[i], &event);
}

static void dribble(struct flood *flood)
{
	for (int n = 0; n < DRIBBLES_A_PASS; n++) {
		uint32_t i = flood->dribbled++ % flood->count;

		if (flood->fds[i] >= 0)
			(void)send(flood->fds[i], "a", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
}

static void run_connections(struct flood *flood, double end)
{
	struct epoll_event events[EVENTS];

	flood->fds = calloc(flood->count, sizeof flood->fds[0]);
	flood->epoll_fd = epoll_create1(0);
	for (uint32_t i = 0; i < flood->count; i++)
		connect_one(flood, i);
	while (now_s() < end) {
		int count = epoll_wait(flood->epoll_fd, events, EVENTS, 1);

		for (int n = 0; n < count; n++) {
			uint32_t i = events[n].data.u32;

			if (events[n].events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) {
				flood->dropped++;
				reconnect(flood, i);
			} else if (events[n].events & EPOLLOUT) {
				on_connected(flood, i);
			}
		}
		if (flood->mode == DRIBBLE)
			dribble(flood);
	}
}

static uint16_t checksum(const void *bytes, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i += 2) {
		uint16_t word;

		memcpy(&word, (const char *)bytes + i, 2);
		sum += word;
	}
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	return (uint16_t)~sum;
}

static void run_half_open(struct flood *flood, double end)
{
	struct {
		struct iphdr ip;
		struct tcphdr tcp;
	} packet;
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
	struct timespec pause = {.tv_nsec = 1000000};

	if (fd < 0) {
		perror("flood");
		exit(77);
	}
	while (now_s() < end) {
		for (uint32_t n = 0; n < flood->count / 1000 + 1; n++) {
			uint32_t sum;

			memset(&packet, 0, sizeof packet);
			packet.ip.version = 4;
			packet.ip.ihl = 5;
			packet.ip.ttl = 64;
			packet.ip.protocol = IPPROTO_TCP;
			packet.ip.tot_len = htons(sizeof packet);
			packet.ip.saddr = htonl(0x0A010000 + (uint32_t)rand() % 60000 + 256);
			packet.ip.daddr = flood->server.sin_addr.s_addr;
			packet.tcp.source = htons((uint16_t)(1024 + rand() % 60000));
			packet.tcp.dest = flood->server.sin_port;
			packet.tcp.seq = (uint32_t)rand();
			packet.tcp.doff = 5;
			packet.tcp.syn = 1;
			packet.tcp.window = htons(1024);
			sum = (packet.ip.saddr & 0xFFFF) + (packet.ip.saddr >> 16) +
			      (packet.ip.daddr & 0xFFFF) + (packet.ip.daddr >> 16) +
			      htons(IPPROTO_TCP) + htons(sizeof packet.tcp);
			packet.tcp.check = checksum(&packet.tcp, sizeof packet.tcp, sum);
			if (sendto(fd, &packet, sizeof packet, 0, (struct sockaddr *)&flood->server,
				    sizeof flood->server) > 0)
				flood->connected++;
		}
		(void)nanosleep(&pause, NULL); /* the pace: some COUNT packets a second */
	}
}

int main(int argc, char *argv[])
{
	struct flood flood = {.server.sin_family = AF_INET};
	struct rlimit limit = {1 << 20, 1 << 20};
	double end;

	if (argc != 5)
		return 2;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	while (flood.mode < MODES && strcmp(argv[4], names[flood.mode]) != 0)
		flood.mode++;
	flood.count = (uint32_t)atoi(argv[2]);
	flood.server.sin_port = htons((uint16_t)atoi(argv[1]));
	/* the half-open need a server on an address that strangers may ask, see run.py */
	flood.server.sin_addr.s_addr =
		htonl(flood.mode == HALF_OPEN ? 0x0A010001 : INADDR_LOOPBACK);
	end = now_s() + atof(argv[3]);
	if (flood.mode == HALF_OPEN)
		run_half_open(&flood, end);
	else if (flood.mode < MODES)
		run_connections(&flood, end);
	else
		return 2;
	return printf("{\"connected\":%lu,\"dropped\":%lu}\n", flood.connected, flood.dropped) < 0;
}

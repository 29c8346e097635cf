/* SPDX-License-Identifier: MIT */
/* A listener, and one connection to it over the loopback interface with both its ends in our hands.
 * Failing to make one is no result of the test: it aborts. */
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

struct tcp_pair {
	int listener, client, server;
	uint16_t port;
};

static inline int tcp_must(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		abort();
	}
	return result;
}

static inline void tcp_set_option(int fd, int level, int option, int value)
{
	tcp_must(setsockopt(fd, level, option, &value, sizeof value), "setsockopt");
}

/* The address of our own interface, or of any one; port 0 lets the kernel choose. */
static inline socklen_t tcp_address(
	struct sockaddr_storage *ret_address, int family, bool any, uint16_t port)
{
	*ret_address = (struct sockaddr_storage){.ss_family = (sa_family_t)family};
	if (family == AF_INET6) {
		struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret_address;

		v6->sin6_port = htons(port);
		v6->sin6_addr = any ? in6addr_any : in6addr_loopback;
		return sizeof *v6;
	}
	((struct sockaddr_in *)ret_address)->sin_port = htons(port);
	((struct sockaddr_in *)ret_address)->sin_addr.s_addr =
		htonl(any ? INADDR_ANY : INADDR_LOOPBACK);
	return sizeof(struct sockaddr_in);
}

static inline int tcp_listen(int family, uint16_t port, int backlog)
{
	int fd = tcp_must(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	struct sockaddr_storage address;
	socklen_t len = tcp_address(&address, family, true, port);

	tcp_set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	tcp_must(bind(fd, (struct sockaddr *)&address, len), "bind");
	tcp_must(listen(fd, backlog), "listen");
	return fd;
}

static inline uint16_t tcp_port(int fd)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof address;

	tcp_must(getsockname(fd, (struct sockaddr *)&address, &len), "getsockname");
	if (address.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
	return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

static inline int tcp_connect(int family, uint16_t port)
{
	int fd = tcp_must(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	struct sockaddr_storage address;
	socklen_t len = tcp_address(&address, family, false, port);

	tcp_must(connect(fd, (struct sockaddr *)&address, len), "connect");
	return fd;
}

static inline int tcp_accept(int listener)
{
	return tcp_must(accept4(listener, NULL, NULL, SOCK_CLOEXEC), "accept");
}

static inline struct tcp_pair tcp_pair_open(int server_family, int client_family)
{
	struct tcp_pair pair = {.listener = tcp_listen(server_family, 0, 128)};

	pair.port = tcp_port(pair.listener);
	pair.client = tcp_connect(client_family, pair.port);
	pair.server = tcp_accept(pair.listener);
	return pair;
}

static inline void tcp_pair_close(struct tcp_pair *pair)
{
	close(pair->client);
	close(pair->server);
	close(pair->listener);
}

/* So many bytes from one end, read to the last one at the other. */
static inline void tcp_send(int fd, size_t len)
{
	static const char bytes[65536];

	while (len > 0) {
		size_t part = len < sizeof bytes ? len : sizeof bytes;

		len -= (size_t)tcp_must((int)send(fd, bytes, part, MSG_NOSIGNAL), "send");
	}
}

static inline void tcp_receive(int fd, size_t len)
{
	static char bytes[65536];

	while (len > 0) {
		size_t part = len < sizeof bytes ? len : sizeof bytes;
		int got = tcp_must((int)recv(fd, bytes, part, MSG_WAITALL), "recv");

		if (got == 0)
			abort();
		len -= (size_t)got;
	}
}

static inline void tcp_transfer(int from, int to, size_t len)
{
	tcp_send(from, len);
	tcp_receive(to, len);
}

/* Sends until both the socket's buffer and the peer's window are full. Returns the bytes. */
static inline size_t tcp_fill(int fd)
{
	static const char bytes[65536];
	size_t sent = 0;
	ssize_t n;

	while ((n = send(fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
		sent += (size_t)n;
	return sent;
}

/* Closes with a RST. */
static inline void tcp_reset(int fd)
{
	const struct linger at_once = {.l_onoff = 1};

	tcp_must(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), "SO_LINGER");
	close(fd);
}

static inline uint64_t tcp_cookie(int fd)
{
	uint64_t cookie;
	socklen_t len = sizeof cookie;

	tcp_must(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len), "SO_COOKIE");
	return cookie;
}

static inline uint32_t tcp_inode(int fd)
{
	struct stat status;

	tcp_must(fstat(fd, &status), "fstat");
	return (uint32_t)status.st_ino;
}

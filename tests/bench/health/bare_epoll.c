/* SPDX-License-Identifier: MIT */
/* The limit: an epoll loop that knows one answer and looks at nothing but the end of a request. It is
 * what the health endpoint would be without truth, limits or deadlines.
 *
 *	bare_epoll PORT
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 256

static const char answer[] = "HTTP/1.1 200 OK\r\n"
			     "Content-Type: application/json\r\n"
			     "Content-Length: 76\r\n"
			     "Cache-Control: no-store\r\n"
			     "Connection: keep-alive\r\n"
			     "\r\n"
			     "{\"status\":\"serving\",\"since_ms\":60000,\"busy\":3,"
			     "\"idle\":17,\"deadline_ms\":null}\n";

static int open_listener(const char *port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(port)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0 ||
		bind(fd, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(fd, SOMAXCONN) < 0) {
		perror("bare_epoll");
		exit(2);
	}
	return fd;
}

static void watch(int epoll_fd, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		exit(2);
}

static void serve(int fd)
{
	char request[8192];
	ssize_t got = recv(fd, request, sizeof request - 1, 0);

	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		(void)close(fd);
		return;
	}
	request[got] = '\0';
	if (send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL) < 0 ||
		strstr(request, "Connection: close") != NULL)
		(void)close(fd);
}

int main(int argc, char *argv[])
{
	struct epoll_event events[EVENTS];
	int epoll_fd = epoll_create1(0), listen_fd;

	if (argc != 2)
		return 2;
	listen_fd = open_listener(argv[1]);
	watch(epoll_fd, listen_fd);
	for (;;) {
		int count = epoll_wait(epoll_fd, events, EVENTS, -1);

		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;

			if (fd != listen_fd) {
				serve(fd);
				continue;
			}
			while ((fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK)) >= 0)
				watch(epoll_fd, fd);
		}
	}
}

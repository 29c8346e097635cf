/* SPDX-License-Identifier: MIT */
#include "lastcall/http_client.h"

#include "core/http/http_response.h"
#include "core/tcp/peer_text.h"
#include "core/text/number.h"
#include "core/text/text.h"
#include "sys/fd.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

static void write_authority(struct text *text, const struct listen_address *address)
{
	const struct sockaddr_in *in4 = (const void *)&address->addr;
	const struct sockaddr_in6 *in6 = (const void *)&address->addr;
	bool is_ipv6 = address->addr.ss_family == AF_INET6;

	peer_text_add(text, (uint8_t)address->addr.ss_family,
		is_ipv6 ? in6->sin6_addr.s6_addr : (const void *)&in4->sin_addr,
		listen_address_port(address));
}

/* Returns 0, -errno, or -ETIMEDOUT at the deadline. */
static int wait_for(int fd, short events, msec_t deadline)
{
	struct pollfd poll_fd = {.fd = fd, .events = events};
	int ready;

	do
		ready = poll(&poll_fd, 1, (int)msec_left(deadline, monoclock_now()));
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return -errno;
	return ready > 0 ? 0 : -ETIMEDOUT;
}

/* Returns a connected descriptor or -errno. */
static int connect_to(const struct listen_address *address, msec_t deadline)
{
	fd_cleanup int fd =
		socket(address->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(int);
	int error = 0, result;

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&address->addr, address->addr_len) < 0) {
		if (errno != EINPROGRESS)
			return -errno;
		result = wait_for(fd, POLLOUT, deadline);
		if (result < 0)
			return result;
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
			return -errno;
		if (error != 0)
			return -error;
	}
	return fd_steal(&fd);
}

/* The first place of what in text, whatever the case of its letters, or NULL. */
const char *http_client_find(const char *text, const char *what)
{
	size_t len = strlen(what);

	while (strncasecmp(text, what, len) != 0) {
		if (*text++ == '\0')
			return NULL;
	}
	return text;
}

/* Whether the header has come, and as much of a body as it announces. */
static bool is_whole(const char *answer)
{
	const char *end = http_client_find(answer, "\r\n\r\n");
	const char *length = http_client_find(answer, "\r\nContent-Length:");

	if (end == NULL || length == NULL || length >= end)
		return false;
	length += strlen("\r\nContent-Length:");
	return (int64_t)strlen(end + 4) >= number_take_signed(&length);
}

/* Receives until the answer is whole, the buffer is full, or the server closes, as it was asked to, but
 * some do not. Returns the bytes, which are terminated, or -errno. */
static ssize_t receive_answer(int fd, char *buf, size_t cap, msec_t deadline)
{
	size_t len = 0;

	buf[0] = '\0';
	while (len < cap - 1 && !is_whole(buf)) {
		ssize_t got = recv(fd, buf + len, cap - 1 - len, 0);

		if (got == 0)
			break;
		if (got > 0) {
			len += (size_t)got;
			buf[len] = '\0';
		} else if (errno == EAGAIN || errno == EINTR) {
			int result = wait_for(fd, POLLIN, deadline);
			if (result < 0)
				return result;
		} else {
			return -errno;
		}
	}
	return (ssize_t)len;
}

/* Returns the bytes of the answer, or -errno. */
static ssize_t ask(const struct http_target *target, char *buf, size_t cap, msec_t deadline)
{
	char bytes[1400];
	struct text request;
	fd_cleanup int fd = target->fd >= 0 ? target->fd : connect_to(&target->address, deadline);

	if (fd < 0)
		return fd;
	text_init(&request, bytes, sizeof bytes);
	text_printf(&request,
		"GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: lastcall\r\nConnection: close\r\n\r\n",
		target->path, target->authority);
	if (request.truncated)
		return -EMSGSIZE;
	if (send(fd, request.buf, request.len, MSG_NOSIGNAL) != (ssize_t)request.len)
		return errno > 0 ? -errno : -EIO; /* a new connection takes as much as this */
	return receive_answer(fd, buf, cap, deadline);
}

int http_client_ask(struct http_target *target, char *buf, size_t cap, msec_t deadline)
{
	struct text authority;
	ssize_t len;

	text_init(&authority, target->authority, sizeof target->authority);
	if (target->fd >= 0)
		text_add(&authority, "localhost");
	else
		write_authority(&authority, &target->address);
	len = ask(target, buf, cap, deadline);
	if (len < 0)
		return (int)len;
	len = http_response_status(buf, (size_t)len);
	return len == 0 ? -EPIPE : (int)len;
}

const char *http_client_error(int error)
{
	if (error == EPIPE)
		return "it closed the connection";
	return error == EBADMSG ? "it does not speak HTTP" : strerror(error);
}

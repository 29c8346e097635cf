/* SPDX-License-Identifier: MIT */
#include "lastcall/healthcheck_client.h"

#include "core/http/http_response.h"
#include "core/text/number.h"
#include "core/tcp/peer_text.h"
#include "sys/fd.h"
#include "sys/init_socket.h"
#include "sys/monoclock.h"
#include "sys/procnet.h"
#include "sys/socket_owner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

/* Shorter than any orchestrator's own, so that it is this program that says what was wrong. */
#define TIMEOUT_MS 2000

/* What is asked, and how a message names it. */
struct target {
	int fd; /* connected already; -1: address is asked */
	struct listen_address address;
	const char *path;
	char authority[64];
};

static void write_authority(struct text *text, const struct listen_address *address)
{
	const struct sockaddr_in *in4 = (const void *)&address->addr;
	const struct sockaddr_in6 *in6 = (const void *)&address->addr;
	bool is_ipv6 = address->addr.ss_family == AF_INET6;

	peer_text_add(text, (uint8_t)address->addr.ss_family,
		is_ipv6 ? in6->sin6_addr.s6_addr : (const void *)&in4->sin_addr,
		listen_address_port(address));
}

/* An endpoint on every address is asked on the loopback address. */
static void choose_loopback(struct listen_address *address)
{
	struct sockaddr_in *in4 = (void *)&address->addr;
	struct sockaddr_in6 *in6 = (void *)&address->addr;

	if (address->addr.ss_family == AF_INET && in4->sin_addr.s_addr == htonl(INADDR_ANY))
		in4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else if (address->addr.ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr))
		in6->sin6_addr = in6addr_loopback;
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
static const char *find(const char *text, const char *what)
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
	const char *end = find(answer, "\r\n\r\n");
	const char *length = find(answer, "\r\nContent-Length:");

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
static ssize_t ask(const struct target *target, char *buf, size_t cap, msec_t deadline)
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

/* The state and the busy connections, where the answer is one of a lastcall. */
static void add_state(struct text *text, const char *answer)
{
	const char *state = find(answer, "\r\n\r\n{\"status\":\"");
	const char *busy = state != NULL ? find(state, "\"busy\":") : NULL;

	if (state == NULL)
		return;
	state += strlen("\r\n\r\n{\"status\":\"");
	text_add(text, " ");
	text_add_bytes(text, state, strspn(state, "abcdefghijklmnopqrstuvwxyz"));
	if (busy == NULL)
		return;
	busy += strlen("\"busy\":");
	if (*busy < '0' || *busy > '9')
		return; /* null: not known */
	text_add(text, ", ");
	text_add_bytes(text, busy, strspn(busy, "0123456789"));
	text_add(text, " busy");
}

static struct target choose_target(const struct options *options)
{
	const struct http_url *url = &options->healthcheck_url;
	struct target target = {
		.fd = -1,
		.address = url->path != NULL ? url->address : options->listen,
		.path = url->path != NULL ? url->path : options->health_path,
	};

	choose_loopback(&target.address);
	return target;
}

/* The answer's bytes in buf, terminated. Returns its status, or -errno. */
static int ask_target(struct target *target, char *buf, size_t cap, msec_t deadline)
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

static const char *error_text(int error)
{
	if (error == EPIPE)
		return "it closed the connection";
	return error == EBADMSG ? "it does not speak HTTP" : strerror(error);
}

static void tell(struct text *said, int status, const char *answer, const char *endpoint)
{
	if (status < 0) {
		text_printf(said, "no answer from %s: %s", endpoint, error_text(-status));
	} else {
		text_printf(said, "%d", status);
		add_state(said, answer);
	}
}

/* A listener on the default port may be that of another container of the same pod or task. Without a listener
 * there is nothing to confuse. */
static void note_stranger(void *arg, const struct connection *row)
{
	bool *is_stranger = arg;

	if (row->state == TCP_STATE_LISTEN && !socket_owner_is_near(row->inode))
		*is_stranger = true;
}

static bool may_be_a_neighbours(uint16_t port)
{
	struct port_set ports = {0};
	const struct sockdiag_query query = {
		.states = TCP_STATE_BIT(TCP_STATE_LISTEN), .ports = &ports};
	bool is_stranger = false;

	port_set_add(&ports, port);
	return procnet_dump(&query, note_stranger, &is_stranger) < 0 || is_stranger;
}

/* Where we are in a container whose PID 1 is a lastcall, that one is meant, whatever it listens on. Returns false
 * where there is none. */
static bool ask_init(struct text *said, int *ret_status)
{
	msec_t deadline = msec_add(monoclock_now(), TIMEOUT_MS);
	struct target target = {.fd = init_socket_connect(TIMEOUT_MS), .path = "/readyz"};
	char answer[4096];

	if (target.fd < 0 && target.fd != -EAGAIN)
		return false;
	*ret_status =
		target.fd < 0 ? -ETIMEDOUT : ask_target(&target, answer, sizeof answer, deadline);
	tell(said, *ret_status, answer, "PID 1");
	return true;
}

/* Returns the answer's status or -errno, with what is to be said of it. */
static int ask_address(const struct options *options, struct text *said)
{
	msec_t deadline = msec_add(monoclock_now(), TIMEOUT_MS);
	struct target target = choose_target(options);
	char answer[4096];
	int status = ask_target(&target, answer, sizeof answer, deadline);

	if (options->listen.any && options->healthcheck_url.path == NULL &&
		(status == -EAFNOSUPPORT || status == -EADDRNOTAVAIL || status == -ENETUNREACH)) {
		/* where there is no IPv6, the server has taken IPv4 alone */
		target.address = listen_address_of(AF_INET, (const uint8_t[]){127, 0, 0, 1},
			listen_address_port(&options->listen));
		status = ask_target(&target, answer, sizeof answer, deadline);
	}
	tell(said, status, answer, target.authority);
	return status;
}

static int ask_and_tell(const struct options *options, struct text *said)
{
	uint16_t port = listen_address_port(&options->listen);
	int status;

	if (options->healthcheck_url.path != NULL)
		return ask_address(options, said);
	if (options->listen_off) {
		text_add(said, "no health endpoint: LASTCALL_LISTEN=off");
		return -ECONNREFUSED;
	}
	if (ask_init(said, &status))
		return status;
	if (options->given[OPTION_LISTEN] == NULL && may_be_a_neighbours(port)) {
		text_printf(said,
			"no lastcall is PID 1 here, and the listener on port %u may be that of "
			"another container of this pod or task: give --healthcheck=URL",
			port);
		return -ECONNREFUSED;
	}
	return ask_address(options, said);
}

int healthcheck_client_run(const struct options *options)
{
	char line[256];
	struct text said;
	int status;

	text_init(&said, line, sizeof line - 1);
	status = ask_and_tell(options, &said);
	line[said.len] = '\n';
	/* without standard output there is still the status */
	(void)fd_write_all(STDOUT_FILENO, line, said.len + 1);
	return status >= 200 && status < 300 ? EXIT_SUCCESS : EXIT_FAILURE;
}

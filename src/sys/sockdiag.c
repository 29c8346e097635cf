/* SPDX-License-Identifier: MIT */
#include "sys/sockdiag.h"

#include "sys/fd.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <sys/socket.h>

/* Replies are made within our own calls, so that none is ever waited for on Linux as we know it.
 * The whole is bounded as well: at a million connections our caller has other things to do. */
#define REPLY_TIMEOUT_MS 250
#define DUMP_TIMEOUT_MS 1000

/* About 13,000 events (Linux 6.18). The kernel doubles it, for its own accounting. */
#define EVENT_BUFFER_BYTES (8 << 20)

/* So that a server that closes connections faster than we read cannot hold us in one call. */
#define EVENTS_PER_CALL 4096

#define GROUP_BIT(group) (1u << ((group)-1))

static int open_netlink(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);

	return fd < 0 ? -errno : fd;
}

/* Returns the length of one datagram from the kernel, or -errno: -EAGAIN when none is waiting,
 * -EBADMSG when it did not fit. What other processes send is dropped. */
static ssize_t receive(int fd, uint8_t *buf, size_t cap)
{
	for (;;) {
		struct sockaddr_nl sender = {0};
		socklen_t sender_len = sizeof sender;
		ssize_t len =
			recvfrom(fd, buf, cap, MSG_TRUNC, (struct sockaddr *)&sender, &sender_len);

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		if (sender_len != sizeof sender || sender.nl_pid != 0)
			continue;
		return (size_t)len > cap ? -EBADMSG : len;
	}
}

ssize_t sockdiag_receive(struct sockdiag *diag)
{
	return receive(diag->fd, diag->reply, sizeof diag->reply);
}

static ssize_t receive_reply(int fd, uint8_t *buf, size_t cap, msec_t deadline)
{
	msec_t give_up = msec_min(deadline, msec_add(monoclock_now(), REPLY_TIMEOUT_MS));

	for (;;) {
		ssize_t len = receive(fd, buf, cap);
		msec_t left = msec_left(give_up, monoclock_now());
		struct pollfd readable = {.fd = fd, .events = POLLIN};

		if (len != -EAGAIN)
			return len;
		if (left == 0)
			return -ETIMEDOUT;
		if (poll(&readable, 1, (int)left) < 0 && errno != EINTR)
			return -errno;
	}
}

static int send_request(int fd, const uint8_t *request, size_t len)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};

	if (sendto(fd, request, len, 0, (const struct sockaddr *)&kernel, sizeof kernel) < 0)
		return -errno;
	return 0;
}

/* Reads a dump that was given up to its end: as long as it runs, the kernel answers a new request
 * with -EBUSY. Each read makes it produce more, so that an empty queue is the end. */
static int discard_replies(struct sockdiag *diag, msec_t deadline)
{
	ssize_t len;

	do {
		if (monoclock_now() >= deadline)
			return -ETIMEDOUT;
		len = sockdiag_receive(diag);
	} while (len >= 0 || len == -EBADMSG || len == -ENOBUFS);
	return len == -EAGAIN ? 0 : (int)len;
}

static int read_dump(
	struct sockdiag *diag, msec_t deadline, sockdiag_datagram_fn *datagram, void *arg)
{
	bool interrupted = false;

	for (;;) {
		ssize_t len = receive_reply(diag->fd, diag->reply, sizeof diag->reply, deadline);
		struct sockdiag_cursor cursor;
		enum sockdiag_item item;

		if (len < 0)
			return (int)len;
		if (monoclock_now() >= deadline)
			return -ETIMEDOUT;
		sockdiag_cursor_init(&cursor, diag->reply, (size_t)len, diag->seq);
		item = datagram(arg, &cursor);
		interrupted = interrupted || cursor.interrupted;
		if (item == SOCKDIAG_FAILED)
			return cursor.error;
		if (item == SOCKDIAG_MALFORMED)
			return -EBADMSG;
		if (item == SOCKDIAG_DONE)
			return interrupted ? -EINTR : 0;
	}
}

uint32_t sockdiag_next_seq(struct sockdiag *diag)
{
	if (++diag->seq == 0)
		diag->seq = 1; /* 0 would take every reply */
	return diag->seq;
}

static int exchange(struct sockdiag *diag, const uint8_t *request, size_t len, msec_t deadline,
	sockdiag_datagram_fn *datagram, void *arg)
{
	int r;

	if (len == 0)
		return -EINVAL;
	r = discard_replies(diag, deadline);
	if (r < 0)
		return r;
	r = send_request(diag->fd, request, len);
	return r < 0 ? r : read_dump(diag, deadline, datagram, arg);
}

int sockdiag_exchange(struct sockdiag *diag, const uint8_t *request, size_t len,
	sockdiag_datagram_fn *datagram, void *arg)
{
	return exchange(
		diag, request, len, msec_add(monoclock_now(), DUMP_TIMEOUT_MS), datagram, arg);
}

struct reader {
	const struct sockdiag_query *query;
	connection_fn *row;
	void *arg;
};

static bool is_asked_for(const struct sockdiag_query *query, const struct connection *row)
{
	return query->ports == NULL || port_set_has(query->ports, row->local_port);
}

static enum sockdiag_item read_datagram(void *arg, struct sockdiag_cursor *cursor)
{
	const struct reader *reader = arg;
	struct connection connection;
	enum sockdiag_item item;

	cursor->is_mptcp = reader->query->is_mptcp;
	while ((item = sockdiag_next(cursor, &connection)) == SOCKDIAG_ROW) {
		if (is_asked_for(reader->query, &connection))
			reader->row(reader->arg, &connection);
	}
	return item;
}

static int dump_family(struct sockdiag *diag, uint8_t family, const struct sockdiag_query *query,
	msec_t deadline, connection_fn *row, void *arg)
{
	struct reader reader = {query, row, arg};
	uint8_t request[SOCKDIAG_REQUEST_BYTES];
	size_t len = sockdiag_encode_dump(
		request, sizeof request, family, query, sockdiag_next_seq(diag));

	return exchange(diag, request, len, deadline, read_datagram, &reader);
}

int sockdiag_open(struct sockdiag *ret_diag)
{
	int fd = open_netlink();

	if (fd < 0)
		return fd;
	ret_diag->fd = fd; /* the buffer stays untouched */
	ret_diag->seq = 0;
	ret_diag->by_family = false;
	return 0;
}

void sockdiag_close(struct sockdiag *diag)
{
	diag->fd = fd_close(diag->fd);
}

static bool is_unsupported(int error)
{
	return error == -ENOENT || error == -EINVAL || error == -EAFNOSUPPORT ||
	       error == -EOPNOTSUPP;
}

/* Linux serves AF_INET6 wherever it serves AF_INET, also with ipv6.disable=1 and without
 * CONFIG_IPV6: there are just no rows. Should another kernel refuse it, then there is nothing to
 * see that the IPv4 dump has not shown. */
static int dump_by_family(struct sockdiag *diag, const struct sockdiag_query *query,
	msec_t deadline, connection_fn *row, void *arg)
{
	int r4, r6;

	r4 = dump_family(diag, AF_INET, query, deadline, row, arg);
	if (r4 < 0 && r4 != -EINTR)
		return r4;
	r6 = dump_family(diag, AF_INET6, query, deadline, row, arg);
	if (r6 < 0 && !is_unsupported(r6))
		return r6;
	return r4;
}

int sockdiag_dump(
	struct sockdiag *diag, const struct sockdiag_query *query, connection_fn *row, void *arg)
{
	msec_t deadline = msec_add(monoclock_now(), DUMP_TIMEOUT_MS);
	int r;

	if (!diag->by_family && !query->is_mptcp) {
		r = dump_family(diag, AF_UNSPEC, query, deadline, row, arg);
		if (!is_unsupported(r))
			return r;
		diag->by_family = true;
	}
	return dump_by_family(diag, query, deadline, row, arg);
}

/* The first needs CAP_NET_ADMIN; the second is cut to net.core.rmem_max without an error. */
static void enlarge_receive_buffer(int fd, int bytes)
{
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

/* Joined by bind(), not by NETLINK_ADD_MEMBERSHIP alone: a socket without a port id of its own has
 * 0, the kernel's, and is passed over as if it had sent the event. */
int sockdiag_open_events(void)
{
	const struct sockaddr_nl groups = {
		.nl_family = AF_NETLINK,
		.nl_groups =
			GROUP_BIT(SKNLGRP_INET_TCP_DESTROY) | GROUP_BIT(SKNLGRP_INET6_TCP_DESTROY),
	};
	fd_cleanup int fd = open_netlink();

	if (fd < 0)
		return fd;
	enlarge_receive_buffer(fd, EVENT_BUFFER_BYTES);
	if (bind(fd, (const struct sockaddr *)&groups, sizeof groups) < 0)
		return -errno;
	return fd_steal(&fd);
}

/* An event that we cannot make sense of is as good as one that was dropped. After a loss the kernel adds no event until
 * all that wait are read (NETLINK_S_CONGESTED, Linux 6.18). They are read in this call: what has an event among them is
 * not to be given up as one without. */
int sockdiag_read_events(int fd, connection_fn *row, void *arg)
{
	bool lost = false;
	int count = 0;

	for (int i = 0; i < EVENTS_PER_CALL || lost; i++) {
		uint8_t buf[4096];
		struct sockdiag_cursor cursor;
		struct connection connection;
		enum sockdiag_item item;
		ssize_t len = receive(fd, buf, sizeof buf);

		if (len == -EAGAIN)
			break;
		if (len == -ENOBUFS || len == -EBADMSG) {
			lost = true;
			continue;
		}
		if (len < 0)
			return (int)len;
		sockdiag_cursor_init(&cursor, buf, (size_t)len, 0);
		while ((item = sockdiag_next(&cursor, &connection)) == SOCKDIAG_ROW) {
			row(arg, &connection);
			count++;
		}
		lost = lost || item != SOCKDIAG_EXHAUSTED;
	}
	return lost ? -ENOBUFS : count;
}

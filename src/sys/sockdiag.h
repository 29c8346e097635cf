/* SPDX-License-Identifier: MIT */
/* NETLINK_SOCK_DIAG: dumps of TCP sockets, and the multicast that tells of each one's end. Needs
 * no privilege. A socket sees the network namespace it was made in. */
#pragma once

#include "core/tcp/connection.h"
#include "core/codec/sockdiag_codec.h"

#include <sys/types.h>

typedef void connection_fn(void *arg, const struct connection *row);

/* The kernel fills the buffer that it is given, up to so much a datagram. */
#define SOCKDIAG_REPLY_BYTES 32768

struct sockdiag {
	int fd;
	uint32_t seq;
	bool by_family; /* the kernel does not dump both families at once */
	uint8_t reply[SOCKDIAG_REPLY_BYTES]; /* one datagram */
};

/* Returns 0 or -errno: -EPROTONOSUPPORT where there is no sock_diag (gVisor), -EPERM/-EACCES where
 * seccomp forbids it. */
int sockdiag_open(struct sockdiag *ret_diag);
void sockdiag_close(struct sockdiag *diag);

/* Dumps both families, IPv4 and IPv6 (where a v4 client of a `::` listener is found), calling row
 * for each socket on a port that was asked for; a row may come twice. Gives up when a reply does not come within 250 ms,
 * or the end not within a second. Returns 0, or -errno, after which the next dump starts afresh:
 * -ENOENT without tcp_diag in the kernel, -ETIMEDOUT,
 * -EBADMSG for a malformed reply, -EINTR when the table changed under the dump (rows may be
 * missing). */
int sockdiag_dump(
	struct sockdiag *diag, const struct sockdiag_query *query, connection_fn *row, void *arg);

/* Receives one datagram that waits into diag->reply, without waiting for one. Returns its length, -EAGAIN where
 * there is none, -ENOBUFS once after the kernel dropped some, -EBADMSG for one that does not fit, or -errno. */
ssize_t sockdiag_receive(struct sockdiag *diag);

/* For dumps of other kinds of sockets: sends a request with the next sequence number, and calls datagram for
 * each of its answer, which says what it has read last. Returns as sockdiag_dump. */
typedef enum sockdiag_item sockdiag_datagram_fn(void *arg, struct sockdiag_cursor *cursor);
uint32_t sockdiag_next_seq(struct sockdiag *diag);
int sockdiag_exchange(struct sockdiag *diag, const uint8_t *request, size_t len,
	sockdiag_datagram_fn *datagram, void *arg);

/* A non-blocking socket joined to SKNLGRP_INET_TCP_DESTROY and INET6_TCP_DESTROY (Linux 4.2), with
 * the largest receive buffer allowed. Returns the fd or -errno. */
int sockdiag_open_events(void);

/* Reads the waiting events, with state TCP_STATE_CLOSE and the socket's last queues and tcp_info:
 * of every TCP socket in the namespace, so that row picks its ports. At most some thousands a call;
 * the fd stays readable while there are more. Returns their number, or -ENOBUFS when some were lost:
 * dump again. Then all that waited were read. */
int sockdiag_read_events(int fd, connection_fn *row, void *arg);

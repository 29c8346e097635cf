/* SPDX-License-Identifier: MIT */
/* The connections that clients have to unix-domain stream listeners of the application, as nginx or Envoy
 * has from another container of the pod. Watched from the stop on, and only where there is such a listener.
 * docs/design.md says what the kernel shows of them. */
#pragma once

#include "core/tcp/conn_tracker.h"
#include "lastcall/app_ports.h"
#include "sys/unix_sockets.h"

#define UNIX_LISTENERS_MAX 256
#define UNIX_ROWS_MAX 8192
#define UNIX_FOLLOWED_MAX 2048

struct unix_listener {
	uint64_t address;
	bool has_path;
};

enum unix_client { UNIX_CLIENT_NEW, UNIX_CLIENT_OWN, UNIX_CLIENT_STRANGER };

struct unix_connection {
	uint64_t cookie;
	uint32_t inode, peer;
	uint32_t rqueue, peer_rqueue; /* at this poll; peer_rqueue: what the client has not read */
	uint32_t sum; /* of both queues at the poll before */
	uint32_t movements;
	uint8_t client; /* enum unix_client */
	bool peer_has_left;
	bool seen; /* by this poll */
	msec_t moved_at;
};

struct unix_watch {
	msec_t due_at; /* when /proc may be walked again for the owners of new clients */
	msec_t recount_at; /* when unseen connections may be counted again */
	unsigned waiting; /* to be accepted */
	unsigned unseen; /* accepted connections whose client is in another network namespace */
	bool is_started; /* the search for listeners is over */
	bool is_refused; /* by the kernel */
	bool is_full; /* more connections than are followed */
	size_t listener_count, followed_count, row_count, held_count, cursor;
	struct unix_listener listeners[UNIX_LISTENERS_MAX];
	struct unix_connection followed[UNIX_FOLLOWED_MAX];
	struct unix_socket rows[UNIX_ROWS_MAX];
	struct process_socket sockets[UNIX_ROWS_MAX];
	uint32_t held[UNIX_ROWS_MAX]; /* inodes of the application's sockets that are in no row */
};

/* One poll of a stop, between the begin and the end of the connection tracker's pass; the first one finds the
 * application's listeners. Returns 0, or -errno when the sockets could not be dumped: then the pass lacks them. */
int unix_watch_poll(struct unix_watch *watch, struct app_ports *ports, struct sockdiag *diag,
	struct conn_tracker *tracker, msec_t now);

/* SPDX-License-Identifier: MIT */
/* The bytes of unix_diag (linux/unix_diag.h): a dump request, and the rows of its answer. The kernel tells
 * neither times nor counters of unix sockets, and nothing of their end. */
#pragma once

#include "core/codec/sockdiag_message.h"

struct unix_socket {
	uint64_t cookie; /* unique among all sockets of the namespace */
	uint64_t
		address; /* of a socket with a name: the same for a listener and what it accepted */
	uint32_t inode, peer; /* peer: the other end's inode; 0: none, or it is not accepted yet */
	uint8_t type; /* SOCK_STREAM, … */
	uint8_t state; /* TCP_STATE_LISTEN or TCP_STATE_ESTABLISHED */
	bool has_path; /* its name is a file, which other network namespaces may see, too */
	bool peer_has_left;
	uint32_t
		rqueue; /* bytes unread; of a listener: connections to be accepted, with the closed ones */
	uint32_t waiting; /* of a listener: connections to be accepted, without the closed ones */
};

#define UNIX_SOCKET_REQUEST_BYTES 64 /* enough for any request */

/* Writes a dump request for sockets in some states (TCP_STATE_BIT()s). Returns its length, or 0 when buf is
 * too small. */
size_t unix_socket_encode_dump(uint8_t *buf, size_t cap, uint32_t states, uint32_t seq);

/* Walks the rows of one datagram. */
enum sockdiag_item unix_socket_next(struct sockdiag_cursor *cursor, struct unix_socket *ret_socket);

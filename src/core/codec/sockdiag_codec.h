/* SPDX-License-Identifier: MIT */
/* The bytes of NETLINK_SOCK_DIAG (linux/inet_diag.h, man 7 sock_diag): a dump request with its
 * port filter, a request for one connection, and the stream of replies and destroy events. Knows no socket and makes no call. */
#pragma once

#include "core/tcp/connection.h"
#include "core/tcp/connection_key.h"
#include "core/tcp/port_set.h"
#include "core/codec/sockdiag_message.h"

#include <stddef.h>
#include <stdint.h>

/* What one dump asks for. */
struct sockdiag_query {
	uint32_t states; /* TCP_STATE_BIT()s */
	const struct port_set *ports; /* local ports; NULL: every one */
	bool want_info; /* also tcp_info, at twice the cost of a row */
	bool is_mptcp; /* MPTCP connections instead, one family at a time (Linux 5.9) */
};

#define SOCKDIAG_MAX_RANGES 64 /* of neighbouring ports that the kernel is asked to filter by */
#define SOCKDIAG_REQUEST_BYTES 4096 /* enough for any request */

/* Writes a dump request for one family (AF_INET, AF_INET6) or, with AF_UNSPEC, for both: the older
 * TCPDIAG_GETSOCK, for which the kernel walks its table of all connections, which is most of the
 * work, once instead of twice. Ranges of ports are filtered with S_GE and S_LE (S_EQ is missing in
 * Linux 4.14). A set of more than SOCKDIAG_MAX_RANGES ranges goes without a filter: the caller picks
 * the rows. Returns its length, or 0 when buf is too small. */
size_t sockdiag_encode_dump(
	uint8_t *buf, size_t cap, uint8_t family, const struct sockdiag_query *query, uint32_t seq);

/* Writes a request for one connection: SOCK_DIAG_BY_FAMILY without NLM_F_DUMP, for which the kernel looks the
 * connection up instead of walking its table. The answer is one row, or an error; several requests may follow
 * each other in one datagram. Returns the length, SOCKDIAG_EXACT_BYTES, or 0 when buf is too small. */
#define SOCKDIAG_EXACT_BYTES 72
size_t sockdiag_encode_exact(
	uint8_t *buf, size_t cap, const struct connection_key *key, uint32_t seq);

/* Walks the rows of one datagram. */
enum sockdiag_item sockdiag_next(struct sockdiag_cursor *cursor, struct connection *ret_row);

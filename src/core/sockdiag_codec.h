/* SPDX-License-Identifier: MIT */
/* The bytes of NETLINK_SOCK_DIAG (linux/inet_diag.h, man 7 sock_diag): a dump request with its
 * port filter, and the stream of replies and destroy events. Knows no socket and makes no call. */
#pragma once

#include "core/connection.h"
#include "core/port_set.h"

#include <stddef.h>
#include <stdint.h>

/* What one dump asks for. */
struct sockdiag_query {
	uint32_t states; /* TCP_STATE_BIT()s */
	const struct port_set *ports; /* local ports; NULL: every one */
	bool want_info; /* also tcp_info, at twice the cost of a row */
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

enum sockdiag_item {
	SOCKDIAG_ROW, /* *ret_row is filled in */
	SOCKDIAG_DONE, /* the dump is complete */
	SOCKDIAG_FAILED, /* the kernel refused: cursor->error is a negative errno */
	SOCKDIAG_EXHAUSTED, /* nothing more in this buffer: receive again */
	SOCKDIAG_MALFORMED, /* not what a kernel sends; stop reading */
};

/* Walks the messages of one datagram. */
struct sockdiag_cursor {
	const uint8_t *at;
	size_t left;
	uint32_t seq; /* replies to anything else are passed over; 0 takes all (events) */
	int error; /* of SOCKDIAG_FAILED */
	bool interrupted; /* NLM_F_DUMP_INTR was seen: rows may be missing or doubled */
};

void sockdiag_cursor_init(
	struct sockdiag_cursor *cursor, const uint8_t *buf, size_t len, uint32_t seq);
enum sockdiag_item sockdiag_next(struct sockdiag_cursor *cursor, struct connection *ret_row);

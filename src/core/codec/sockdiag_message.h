/* SPDX-License-Identifier: MIT */
/* What all answers of NETLINK_SOCK_DIAG are made of: messages in a datagram, attributes in a message
 * (linux/netlink.h). Every length in them is checked against what is really there. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	bool is_mptcp; /* the answer to a dump of MPTCP: its info is another one */
	int error; /* of SOCKDIAG_FAILED */
	uint32_t answered_seq; /* of the request that the last message answers */
	bool interrupted; /* NLM_F_DUMP_INTR was seen: rows may be missing or doubled */
};

void sockdiag_cursor_init(
	struct sockdiag_cursor *cursor, const uint8_t *buf, size_t len, uint32_t seq);

/* A message about a socket. */
struct sockdiag_message {
	const uint8_t *payload;
	size_t len;
};

/* Returns SOCKDIAG_ROW with the next message about a socket, or what came instead. */
enum sockdiag_item sockdiag_next_message(
	struct sockdiag_cursor *cursor, struct sockdiag_message *ret_message);

/* The bytes are not what a kernel sends: the cursor comes to its end. */
enum sockdiag_item sockdiag_malformed(struct sockdiag_cursor *cursor);

struct sockdiag_attribute {
	uint16_t type;
	const uint8_t *value;
	size_t len;
};

/* Moves *at past one attribute. Returns 1, 0 at the end, or -EBADMSG when its length cannot be true. */
int sockdiag_next_attribute(
	const uint8_t **at, size_t *left, struct sockdiag_attribute *ret_attribute);

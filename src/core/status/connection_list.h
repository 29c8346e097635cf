/* SPDX-License-Identifier: MIT */
/* The connections that a status shows: the few that say most about a stop. */
#pragma once

#include "core/tcp/connection_class.h"

#include <stddef.h>

#define CONNECTION_LIST_MAX 16

struct listed_connection {
	uint8_t family;
	uint8_t peer[16];
	uint16_t peer_port, local_port;
	enum connection_class connection_class;
	msec_t quiet_ms; /* since the last byte in either direction; below 0: not known */
	msec_t settles_in; /* of an unsure one: when it is idle if nothing moves; else 0 */
	uint32_t unread_bytes, undelivered_bytes;
	bool is_accepted;
};

/* Those that hold a stop come first, of a kind those that have been quiet for longest. */
struct connection_list {
	size_t count;
	struct listed_connection list[CONNECTION_LIST_MAX];
};

/* Adds an open connection with the verdict that this memory has led to, if it belongs to the list. */
void connection_list_add(struct connection_list *list, const struct connection *row,
	enum connection_class connection_class, const struct connection_memory *memory,
	const struct class_settings *settings);

/* Why it has its verdict: "request not answered yet". */
const char *connection_list_reason(const struct listed_connection *connection);

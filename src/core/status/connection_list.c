/* SPDX-License-Identifier: MIT */
#include "core/status/connection_list.h"

#include <string.h>

/* The order of the list. */
static int rank_of(enum connection_class connection_class)
{
	switch (connection_class) {
	case CONNECTION_BUSY:
		return 4;
	case CONNECTION_UNSURE:
		return 3;
	case CONNECTION_RECENT:
		return 2;
	case CONNECTION_CLOSING:
		return 1;
	case CONNECTION_NEW:
	case CONNECTION_IDLE:
	case CONNECTION_OTHER:
	case CONNECTION_CLASS_COUNT:
		break;
	}
	return 0;
}

static bool comes_first(const struct listed_connection *a, const struct listed_connection *b)
{
	int by_rank = rank_of(a->connection_class) - rank_of(b->connection_class);

	return by_rank != 0 ? by_rank > 0 : a->quiet_ms > b->quiet_ms;
}

static struct listed_connection describe(const struct connection *row,
	enum connection_class connection_class, const struct connection_memory *memory,
	const struct class_settings *settings)
{
	struct listed_connection listed = {
		.family = row->family,
		.peer_port = row->peer_port,
		.local_port = row->local_port,
		.connection_class = connection_class,
		.quiet_ms = row->has_info ? (msec_t)connection_quiet_ms(row) : -1,
		.unread_bytes = connection_has_unread_bytes(row) ? row->rqueue : 0,
		.undelivered_bytes = connection_undelivered_bytes(row),
		.is_accepted = !connection_is_unaccepted(row),
	};

	memcpy(listed.peer, row->peer, sizeof listed.peer);
	if (connection_class == CONNECTION_UNSURE)
		listed.settles_in = connection_doubt_ends_in(row, memory, settings);
	return listed;
}

void connection_list_add(struct connection_list *list, const struct connection *row,
	enum connection_class connection_class, const struct connection_memory *memory,
	const struct class_settings *settings)
{
	struct listed_connection listed;
	size_t place = list->count;

	if (connection_class == CONNECTION_OTHER)
		return;
	listed = describe(row, connection_class, memory, settings);
	while (place > 0 && comes_first(&listed, &list->list[place - 1]))
		place--;
	if (place == CONNECTION_LIST_MAX)
		return;
	if (list->count < CONNECTION_LIST_MAX)
		list->count++;
	for (size_t i = list->count - 1; i > place; i--)
		list->list[i] = list->list[i - 1];
	list->list[place] = listed;
}

const char *connection_list_reason(const struct listed_connection *connection)
{
	switch (connection->connection_class) {
	case CONNECTION_BUSY:
		if (!connection->is_accepted)
			return "not accepted yet";
		if (connection->unread_bytes > 0)
			return "request not read yet";
		if (connection->undelivered_bytes > 0)
			return "answer not delivered yet";
		return connection->quiet_ms < 0 ? "open" : "request not answered yet";
	case CONNECTION_UNSURE:
		return "may be in use";
	case CONNECTION_RECENT:
		return "data moved just now";
	case CONNECTION_NEW:
		return "never used";
	case CONNECTION_IDLE:
		return "answered";
	case CONNECTION_CLOSING:
		return "closed, not delivered yet";
	case CONNECTION_OTHER:
	case CONNECTION_CLASS_COUNT:
		break;
	}
	return "";
}

/* SPDX-License-Identifier: MIT */
#include "core/tcp/tracker_asks.h"

#include "core/tcp/ip_address.h"
#include "core/tcp/tracker_rows.h"

#include <string.h>
#include <sys/socket.h>

bool conn_tracker_can_ask(const struct conn_tracker *tracker)
{
	return tracker->may_ask && tracker->started && tracker->is_whole &&
	       tracker->rest_counts.held == 0 && tracker->rest_counts.undelivered == 0;
}

void conn_tracker_ask_begin(struct conn_tracker *tracker)
{
	tracker->asked_counts = (struct conn_counts){0};
	tracker->ask_cursor = 0;
	tracker->is_asking = true;
}

static struct connection_key make_key(
	const struct conn_tracker *tracker, const struct tracked_conn *entry)
{
	const struct local_end *end = local_ends_get(&tracker->local_ends, entry->local_end);
	struct connection_key key = {
		.cookie = entry->cookie,
		.interface = end->interface,
		.family = end->family,
		.local_port = end->port,
		.peer_port = entry->peer_port,
	};

	memcpy(key.local, end->address, sizeof key.local);
	if (end->family == AF_INET)
		memcpy(key.peer, entry->peer + IP_ADDRESS_MAPPED_AT, 4);
	else
		memcpy(key.peer, entry->peer, sizeof key.peer);
	return key;
}

size_t conn_tracker_ask_next(struct conn_tracker *tracker, struct connection_key *ret_keys,
	size_t *ret_entries, size_t max)
{
	const struct cookie_map *followed = &tracker->followed;
	size_t count = 0;

	for (; tracker->ask_cursor < followed->count && count < max; tracker->ask_cursor++) {
		const struct tracked_conn *entry = &followed->entries[tracker->ask_cursor];

		if (!entry->asked)
			continue;
		ret_keys[count] = make_key(tracker, entry);
		ret_entries[count++] = tracker->ask_cursor;
	}
	return count;
}

static bool is_gone(const struct connection *row)
{
	return row == NULL || row->state == TCP_STATE_TIME_WAIT || row->state == TCP_STATE_CLOSE ||
	       (row->state == TCP_STATE_FIN_WAIT2 && !row->has_info);
}

void conn_tracker_answer(
	struct conn_tracker *tracker, size_t entry, const struct connection *row, msec_t now)
{
	struct tracked_conn *known = &tracker->followed.entries[entry];

	if (!is_gone(row)) {
		conn_tracker_take_row(tracker, known, row, true, now);
		return;
	}
	conn_tracker_note_missing(tracker, known, now);
	known->asked = false;
	if (row == NULL)
		known->local_end = 0; /* should a poll see it again, it cannot be asked for */
}

void conn_tracker_ask_end(struct conn_tracker *tracker)
{
	tracker->is_asking = false;
	conn_tracker_publish(tracker);
}

void conn_tracker_ask_fail(struct conn_tracker *tracker)
{
	tracker->is_asking = false;
}

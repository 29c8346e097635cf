/* SPDX-License-Identifier: MIT */
#include "core/status/status.h"

#include "core/text/fnv_hash.h"

#include <string.h>

static uint64_t add_connection(uint64_t hash, const struct listed_connection *connection)
{
	const unsigned values[] = {connection->peer_port, connection->local_port,
		(unsigned)connection->connection_class, connection->is_accepted};

	hash = fnv_hash_add(hash, connection->peer, sizeof connection->peer);
	return fnv_hash_add(hash, values, sizeof values);
}

uint64_t status_key(const struct status *status)
{
	const struct conn_counts *counts = &status->counts;
	const unsigned values[] = {status->forecast.is_under_way,
		(unsigned)status->forecast.waits_for, (unsigned)status->state,
		(unsigned)status->app_pid, status->is_ready, status->is_stopping, status->jobs,
		status->connections_known, counts->open, counts->busy, counts->unsure, counts->idle,
		status->ports->count, status->labels->count};
	uint64_t hash = fnv_hash_add(FNV_HASH_START, values, sizeof values);

	hash = fnv_hash_add(hash, status->says, strlen(status->says));
	for (size_t i = 0; i < status->connections.count; i++)
		hash = add_connection(hash, &status->connections.list[i]);
	return hash;
}

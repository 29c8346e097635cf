/* SPDX-License-Identifier: MIT */
#include "core/status/status.h"

#include "core/text/fnv_hash.h"

#include <string.h>

/* Member by member: between them there may be bytes of no value. */
#define ADD(hash, value) fnv_hash_add(hash, &(value), sizeof(value))

static uint64_t add_connection(uint64_t hash, const struct listed_connection *connection)
{
	hash = ADD(hash, connection->peer);
	hash = ADD(hash, connection->peer_port);
	hash = ADD(hash, connection->local_port);
	hash = ADD(hash, connection->connection_class);
	return ADD(hash, connection->is_accepted);
}

uint64_t status_key(const struct status *status)
{
	const struct conn_counts *counts = &status->counts;
	uint64_t hash = FNV_HASH_START;

	hash = ADD(hash, status->forecast.is_under_way);
	hash = ADD(hash, status->forecast.waits_for);
	hash = ADD(hash, status->state);
	hash = ADD(hash, status->app_pid);
	hash = ADD(hash, status->is_ready);
	hash = ADD(hash, status->is_stopping);
	hash = fnv_hash_add(hash, status->says, strlen(status->says));
	hash = ADD(hash, status->jobs);
	hash = ADD(hash, status->connections_known);
	hash = ADD(hash, counts->open);
	hash = ADD(hash, counts->busy);
	hash = ADD(hash, counts->unsure);
	hash = ADD(hash, counts->idle);
	hash = ADD(hash, status->ports->count);
	hash = ADD(hash, status->labels->count);
	for (size_t i = 0; i < status->connections.count; i++)
		hash = add_connection(hash, &status->connections.list[i]);
	return hash;
}

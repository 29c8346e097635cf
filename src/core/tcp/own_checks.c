/* SPDX-License-Identifier: MIT */
#include "core/tcp/own_checks.h"

void own_checks_add(
	struct own_checks *checks, unsigned number, uint16_t app_port, uint16_t our_port)
{
	struct own_check *check = &checks->list[number];

	check->target = app_port;
	check->ports[check->count++ % OWN_REMEMBERED] = our_port;
}

static bool is_from(const struct own_check *check, uint16_t port)
{
	for (unsigned i = 0; i < OWN_REMEMBERED; i++) {
		if (check->ports[i] == port)
			return true;
	}
	return false;
}

bool own_checks_has(const struct own_checks *checks, const struct connection *row)
{
	if (!row->from_here || row->peer_port == 0)
		return false;
	for (unsigned i = 0; i < OWN_CHECKS_MAX; i++) {
		const struct own_check *check = &checks->list[i];

		if (check->target == row->local_port && is_from(check, row->peer_port))
			return true;
	}
	return false;
}

/* SPDX-License-Identifier: MIT */
#include "core/tcp/own_checks.h"

void own_checks_add(struct own_checks *checks, uint16_t app_port, uint16_t our_port)
{
	checks->target = app_port;
	checks->ports[checks->count++ % OWN_REMEMBERED] = our_port;
}

bool own_checks_has(const struct own_checks *checks, const struct connection *row)
{
	if (row->local_port != checks->target || checks->target == 0 || !row->from_here)
		return false;
	for (unsigned i = 1; i <= OWN_REMEMBERED && i <= checks->count; i++) {
		if (checks->ports[(checks->count - i) % OWN_REMEMBERED] == row->peer_port)
			return true;
	}
	return false;
}

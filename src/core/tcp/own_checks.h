/* SPDX-License-Identifier: MIT */
/* The last checks of our own at the application's port: their connections are no work. */
#pragma once

#include "core/tcp/connection.h"

#include <stdbool.h>
#include <stdint.h>

/* So many checks of our own may still have a connection, or an ending to be noticed. One that is reset
 * has neither: nothing of it is seen, and its ending names no peer. */
#define OWN_REMEMBERED 8

struct own_checks {
	uint16_t target; /* of all of them; 0: there are none */
	uint16_t ports[OWN_REMEMBERED]; /* where they come from, in a ring */
	unsigned count;
};

/* One goes from our_port of this machine to app_port. */
void own_checks_add(struct own_checks *checks, uint16_t app_port, uint16_t our_port);

/* Whether it is one of the last. */
bool own_checks_has(const struct own_checks *checks, const struct connection *row);

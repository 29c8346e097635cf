/* SPDX-License-Identifier: MIT */
/* The last checks of our own at the application's ports: their connections are no work. */
#pragma once

#include "core/tcp/connection.h"

#include <stdbool.h>
#include <stdint.h>

#define OWN_CHECKS_MAX 8 /* of --app-check */

/* So many connections of one check may still be there, or have an ending to be noticed. One that was reset is in no
 * poll, and was over before the stop. */
#define OWN_REMEMBERED 8

/* Those of one check. Others have theirs beside them: a check that waits for its answer is not forgotten while
 * another one is made again and again. */
struct own_check {
	uint16_t target; /* the application's port; 0: it was not made yet */
	uint16_t ports[OWN_REMEMBERED]; /* where its connections come from, in a ring */
	unsigned count;
};

struct own_checks {
	struct own_check list[OWN_CHECKS_MAX];
};

/* A check, by its number below OWN_CHECKS_MAX, goes from our_port of this machine to app_port. */
void own_checks_add(
	struct own_checks *checks, unsigned number, uint16_t app_port, uint16_t our_port);

/* Whether it is one of the last. */
bool own_checks_has(const struct own_checks *checks, const struct connection *row);

/* SPDX-License-Identifier: MIT */
/* One round of questions between two polls: the connections that hold the drain, each asked for by itself. A round
 * is made in slices, so that many connections keep lastcall from nothing else. */
#pragma once

#include "core/tcp/conn_tracker.h"
#include "core/tcp/tracker_asks.h"
#include "sys/sockdiag_exact.h"

struct ask_round {
	unsigned asked; /* so far */
	int64_t cost_us; /* processor time, so far */
};

/* Begins a round where none is under way, and asks for the next few hundred connections: half a millisecond. Returns
 * 1 when all were asked for, 0 when there are more, or -errno: then the round is void. */
int ask_round_step(
	struct ask_round *round, struct conn_tracker *tracker, struct sockdiag *diag, msec_t now);

/* SPDX-License-Identifier: MIT */
/* New connections with one request each: those of cohort C at a constant rate, from before the stop until
 * nothing new begins, and those of cohort E all at once at the stop. */
#pragma once

#include "drill/load/load_settings.h"
#include "drill/load/load_conn.h"

struct arrivals {
	struct load_conns *conns;
	const struct request *request;
	double per_s; /* C; 0: none */
	unsigned burst; /* E */
	int64_t from_us; /* C's first is due then; INT64_MAX: not begun */
	uint64_t begun; /* of C */
	ev_timer next, at_stop;
};

void arrivals_init(struct arrivals *arrivals, struct load_conns *conns,
	const struct load_settings *settings, const struct request *request);

/* C begins; once. Returns whether it has gone on for long enough to know what answers are like without a stop
 * (or there is no C). */
bool arrivals_ramp(struct arrivals *arrivals, int64_t now_us);

/* E, all due at t0_us. */
void arrivals_burst(struct arrivals *arrivals, int64_t t0_us);

/* Nothing new begins any more. */
void arrivals_stop(struct arrivals *arrivals);

/* SPDX-License-Identifier: MIT */
/* All cohorts of a load, with the requests that they carry. */
#pragma once

#include "drill/load/load_arrivals.h"
#include "drill/load/load_in_flight.h"
#include "drill/load/load_reference.h"
#include "drill/load/load_standing.h"

/* The requests: one a kind of cohort A, that of B, that of C and E. */
enum { REQUEST_KEEP_ALIVE = LOAD_MAX_IN_FLIGHT, REQUEST_FRESH, REQUEST_COUNT };
_Static_assert(REQUEST_COUNT < DRILL_MAX_REQUESTS, "a request has no number of its own");

struct load_cohorts {
	struct request requests[REQUEST_COUNT];
	struct reference references[REQUEST_COUNT];
	struct in_flight in_flight; /* A */
	struct standing keep_alive; /* B */
	struct arrivals arrivals; /* C and E */
	struct standing preconnected; /* D */
};

/* Zeroed before. Returns 0, or -ENOMEM with a state that load_cohorts_done takes. */
int load_cohorts_init(struct load_cohorts *cohorts, struct load_conns *conns,
	const struct load_settings *settings);
void load_cohorts_done(struct load_cohorts *cohorts);

/* Connections that wait for nothing are closed. */
void load_cohorts_release(struct load_cohorts *cohorts);

/* Ends what is under way as too late. */
void load_cohorts_give_up(struct load_cohorts *cohorts);

/* SPDX-License-Identifier: MIT */
/* Cohort A: requests that the server works on at the stop. Before it each connection asks again whenever
 * it was answered, until all of them are in the server at the same time. */
#pragma once

#include "drill/load/load_settings.h"
#include "drill/load/load_conn.h"
#include "drill/load/server_queue.h"

struct in_flight_conn {
	struct load_conn conn; /* first */
	struct in_flight *in_flight;
	ev_timer again; /* after the stop */
	int64_t not_before_us; /* when it may ask again */
	bool is_in_server;
	bool is_accepted, is_queued; /* by the server's program; neither: not known yet */
	bool is_queue_unknown; /* not known: the connection counts as accepted */
};

struct in_flight {
	struct in_flight_conn *conns;
	unsigned count;
	struct server_queue queue;
	bool goes_on; /* whether to ask again after the stop */
	bool is_asking_again; /* whether it does so now */
	int64_t patient_until_us; /* for those that wait to be accepted; 0: none did */
};

/* requests are one a kind, as in the settings. Returns 0 or -ENOMEM. */
int in_flight_init(struct in_flight *in_flight, struct load_conns *conns,
	const struct load_settings *settings, const struct request *requests);
void in_flight_done(struct in_flight *in_flight);

/* Asks on some of the connections that have no request under way, and looks which requests have arrived.
 * Returns whether all are in the server. */
bool in_flight_ramp(struct in_flight *in_flight, int64_t now_us, int64_t settle_us);

/* The stop was given: notes in their attempts which requests no program had accepted, and of which that is
 * not known. From here on a load that goes on asks again, on a new connection, when a request has ended, so that
 * requests are in flight whenever a server stops. */
void in_flight_stop(struct in_flight *in_flight);

unsigned in_flight_in_server(const struct in_flight *in_flight);

/* A connection whose request is not in the server although one has ended on it; NULL: there is none. */
const struct load_conn *in_flight_missing(const struct in_flight *in_flight);

void in_flight_release(struct in_flight *in_flight);
void in_flight_give_up(struct in_flight *in_flight);

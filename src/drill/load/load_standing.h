/* SPDX-License-Identifier: MIT */
/* Connections that stand open before the stop: those of cohort B, answered once, and those of cohort D,
 * never used. B sends its next request at the offsets of the settings after the stop. */
#pragma once

#include "drill/load/load_conn.h"

struct standing_conn {
	struct load_conn conn; /* first */
	struct standing *standing;
	int64_t not_before_us; /* before the stop: when it may be opened again */
	int64_t waiting_due_us; /* after it: a request that waits for its connection; INT64_MAX: none */
	bool was_closed_by_server; /* answered, by a server that does not keep the connection */
};

struct standing {
	struct load_conns *conns;
	struct standing_conn *list;
	unsigned count;
	bool is_stopping, is_released;
};

/* request NULL: the connections carry none. Returns 0 or -ENOMEM. */
int standing_init(struct standing *standing, struct load_conns *conns, enum cohort cohort,
	unsigned count, const struct request *request);
void standing_done(struct standing *standing);

/* Opens some of those that are closed. Returns whether all are open and idle, or were answered and closed by
 * a server that keeps no connection. */
bool standing_ramp(struct standing *standing, int64_t now_us);

/* A connection that is not as it should be although an attempt has ended on it; NULL: there is none. */
const struct load_conn *standing_missing(const struct standing *standing);

/* The stop has begun. */
void standing_stop(struct standing *standing);

/* Asks on every step-th connection from first on, due at due_us: a connection that is still being opened
 * asks as soon as it can. One that the server has closed is replaced, as any client does that has seen the
 * end: nothing was sent on it, so the request is no retry. */
void standing_ask(struct standing *standing, unsigned first, unsigned step, int64_t due_us);

void standing_release(struct standing *standing);
void standing_give_up(struct standing *standing);

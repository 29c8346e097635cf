/* SPDX-License-Identifier: MIT */
/* A connection of the load whose attempts are recorded. It knows its request and what to call at an
 * attempt's end; which cohort asks when is the cohorts' business. */
#pragma once

#include "drill/load/attempt_list.h"

#include <regex.h>

#define NO_ATTEMPT SIZE_MAX

struct load_conn;

/* An attempt, or an unused connection, has ended. May ask again, or free the connection. */
typedef void load_conn_end_fn(struct load_conn *conn, const struct client_end *end);

/* What the connections of one load share. */
struct load_conns {
	struct client_group group;
	struct attempt_list attempts;
	int64_t t0_us; /* the stop; INT64_MAX: not yet */
	uint32_t connections; /* made so far */
	const regex_t *expect_body; /* NULL: anything */
	size_t client_errors;
	int last_client_error; /* errno; 0: there was none */
	struct load_conn *passing; /* those made by load_conn_new, which free themselves */
	void (*on_attempt_end)(struct load_conns *conns); /* after a connection's own on_end */
};

/* Fills in the group's callbacks; its settings are the caller's. */
void load_conns_init(struct load_conns *conns);
void load_conns_done(struct load_conns *conns);

/* Ends what the passing connections do, as their time limits would. */
void load_conns_give_up_passing(struct load_conns *conns);

struct load_conn {
	struct client client; /* first: on_end finds the connection by it */
	struct load_conns *conns;
	enum cohort cohort;
	const struct request *request; /* NULL: it is to carry none */
	struct body_capture seen; /* for expect_body */
	struct body_capture *capture; /* where the response's body goes; NULL: nowhere */
	load_conn_end_fn *on_end; /* NULL: nothing to do */
	void *owner; /* of on_end */
	uint32_t connection; /* its number; a new one for each new connection */
	size_t attempt, last_attempt; /* NO_ATTEMPT: none is under way; none has ended */
	bool is_passing;
	struct load_conn *previous, *next; /* of the passing ones */
};

void load_conn_init(struct load_conn *conn, struct load_conns *conns, enum cohort cohort,
	const struct request *request);

void load_conn_done(struct load_conn *conn);

/* A passing connection: for one attempt, after which it is freed. NULL without memory, which is counted. */
struct load_conn *load_conn_new(
	struct load_conns *conns, enum cohort cohort, const struct request *request);

/* Sends the request, due at due_us of monoclock_now_us(); connects where it has to. */
void load_conn_ask(struct load_conn *conn, int64_t due_us);

/* Connects, and sends no request. */
void load_conn_connect(struct load_conn *conn);

/* Closes a connection that waits for nothing; an attempt under way may end by itself. */
void load_conn_release(struct load_conn *conn);

/* Ends the attempt under way as too late. */
void load_conn_give_up(struct load_conn *conn);

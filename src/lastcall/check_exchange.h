/* SPDX-License-Identifier: MIT */
/* One check of the application, over TCP or HTTP: a connection, maybe a request and the status of its answer. It
 * never blocks and allocates nothing once it has begun; the deadline is the caller's. Its connection is not work in
 * flight, and leaves nothing behind: it ends when both sides have closed, or with a reset. */
#pragma once

#include "core/http/app_check_target.h"
#include "core/http/app_state.h"
#include "core/http/http_response.h"
#include "lastcall/connection_watch.h"

#include <ev.h>

enum check_verdict {
	CHECK_WELL,
	CHECK_FAILED, /* `failure` says why */
	CHECK_SKIPPED, /* lastcall lacks a resource for it: `skipped_for` is the errno */
};

enum check_phase {
	CHECK_OVER, /* there is no connection */
	CHECK_CONNECT, /* until the connection is made */
	CHECK_SEND, /* until the request is sent */
	CHECK_RECEIVE, /* until the status of the answer is there */
	CHECK_CLOSE, /* the verdict is known: until the application has closed its side, too */
};

/* The callbacks. `decided` is called once for each check, if the application has answered before the connection
 * is closed; `over` when the connection is gone. */
struct check_exchange_calls {
	void (*decided)(void *arg, enum check_verdict verdict);
	void (*over)(void *arg);
	void *arg;
};

struct check_exchange {
	struct ev_loop *loop;
	struct connection_watch *watch; /* has to know lastcall's own connections */
	const struct app_check_target *target; /* TCP or HTTP */
	struct check_exchange_calls calls;
	ev_io io;
	enum check_phase phase;
	unsigned number; /* of all checks, from 0 */
	bool is_one_of_several; /* a failure names the check */
	bool use_ipv6; /* where either will do */
	int skipped_for; /* the errno of the last check that was skipped */
	int first_error; /* of the other family, when both are tried; else 0 */
	size_t sent, received, discarded, request_len;
	char answer[HTTP_RESPONSE_STATUS_BYTES];
	char request[APP_CHECK_PATH_MAX + 256];
	char failure[APP_REASON_BYTES]; /* of the last check that failed */
};

void check_exchange_init(struct check_exchange *ret_exchange, struct ev_loop *loop,
	struct connection_watch *watch, const struct app_check_target *target,
	const struct check_exchange_calls *calls);

/* Begins a check; the last one is over. */
void check_exchange_begin(struct check_exchange *exchange);

/* Whether there is no verdict yet. */
bool check_exchange_is_undecided(const struct check_exchange *exchange);

/* The deadline has passed: takes an answer that arrived in time, else the check has failed after `timeout`. */
void check_exchange_time_out(struct check_exchange *exchange, msec_t timeout);

/* Resets the connection, if there is one, without a callback. */
void check_exchange_break_off(struct check_exchange *exchange);

/* SPDX-License-Identifier: MIT */
/* What all connections of the health endpoint share: its settings, its counts, its memory. */
#pragma once

#include "core/http/health.h"
#include "lastcall/http_pool.h"

/* Called for each request, when it is answered. */
typedef void health_status_fn(void *arg, struct health_status *ret_status);

/* Called for each scrape; the connection fills in the endpoint's own counts. */
typedef void health_metrics_fn(void *arg, struct metrics *ret_metrics);

/* Called for each `lastcall --status`: writes the body, and returns its key. */
typedef uint64_t health_page_fn(void *arg, bool is_json, struct text *text);

struct http_server_setup {
	struct health_settings health;
	health_status_fn *status;
	health_metrics_fn *metrics;
	void *arg; /* of both */
	health_page_fn *page; /* NULL: there is no such page */
	void *page_arg;
};

struct http_server_counts {
	uint64_t served; /* responses with a state or the metrics */
	uint64_t refused; /* error responses, and connections dropped for want of room or time */
};

/* How long a client may take. */
struct http_server_timeouts {
	/* From the connection, or the first byte of a later request, to the last byte of its head;
	 * and the same again to read the response. */
	msec_t request_ms;
	/* Between a response and the next request. Longer than the 60 s after which load balancers
	 * close an idle connection themselves, so that it is not closed under their request. */
	msec_t idle_ms;
	/* To read an error response, before the connection is reset. */
	msec_t linger_ms;
};

/* What all connections of a server share. */
struct http_shared {
	struct ev_loop *loop;
	struct http_server_setup setup;
	struct http_server_timeouts timeouts;
	struct http_server_counts counts;
	uint64_t *answers; /* METRICS_STATUS_COUNT, by status, from 200 on */
	struct http_pool pool;
	struct http_conn_buffers *buffers; /* used by all, while a request is being answered */

	void (*on_deadline)(struct http_shared *shared, msec_t deadline); /* a connection has one */
	void (*on_end)(struct http_shared *shared); /* a connection is back in the pool */
	void (*on_closing)(struct http_shared *shared); /* the pool has a descriptor to close */
};

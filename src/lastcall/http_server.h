/* SPDX-License-Identifier: MIT */
/* Serves the health endpoint in the supervisor's event loop: bounded connections, one deadline each,
 * nothing allocated after it was opened. The content of its answers comes from the caller's callbacks.
 *
 * Floods cannot block it: the kernel keeps connections without a request for a second, requests are answered as
 * their connections are accepted, and when every connection is taken, one is evicted for the next
 * (http_pool.h). It serves as long as the loop runs. */
#pragma once

#include "core/http/defer_accept.h"
#include "lastcall/http_conn.h"

#define HTTP_SERVER_CONNECTIONS 128
#define HTTP_SERVER_LISTENERS_MAX 8

struct http_server {
	struct http_shared shared; /* first: the callbacks find the server by it */
	ev_timer timer; /* runs while a connection is open or accepting is paused */
	msec_t timer_at; /* no later than the first deadline; earlier is harmless */
	msec_t accept_at; /* when paused: when to accept again; else MSEC_NEVER */
	ev_timer closer; /* runs while descriptors wait to be closed */
	size_t listener_count;
	struct defer_accept
		defer; /* of clients without a request: the kernel keeps the next ones */
	ev_io listeners[HTTP_SERVER_LISTENERS_MAX];

	/* Untouched until they are used: what all connections share, and the pool's. */
	uint64_t answers[METRICS_STATUS_COUNT];
	struct http_conn_buffers shared_buffers;
	struct http_conn connections[HTTP_SERVER_CONNECTIONS];
	struct http_closing closing[HTTP_POOL_CLOSING_MAX];
	struct http_conn_buffers buffers[HTTP_SERVER_CONNECTIONS];
};

/* Begins to serve in the caller's storage, which is zeroed, and takes the listening sockets over
 * (http_server_done closes them), if it succeeds. The path must outlive the server. Returns 0, or -E2BIG
 * for too many sockets. Never more than a quarter of RLIMIT_NOFILE is used for connections, and another
 * for those that are about to be closed. */
int http_server_init(struct http_server *server, struct ev_loop *loop, const int *listen_fds,
	size_t listen_count, const struct http_server_setup *setup);

/* Does nothing to a server that was not initialized. */
void http_server_done(struct http_server *server);

/* In place of 5 s, 75 s and 2 s. Deadlines that run already stay. */
void http_server_set_timeouts(
	struct http_server *server, const struct http_server_timeouts *timeouts);
struct http_server_counts http_server_counts(const struct http_server *server);

/* SPDX-License-Identifier: MIT */
/* Serves the health endpoint in the supervisor's event loop: bounded connections, one deadline each,
 * nothing allocated after it was opened. It decides nothing; what it says comes from the asker.
 *
 * It cannot be choked: the kernel keeps connections without a request to itself for a second, those
 * with one are answered as they are accepted, and when every connection is taken, one makes room for
 * the next (http_pool.h). Its watchers do not count as the loop's (ev_unref): it serves as long as the
 * loop runs, and never keeps it running. */
#pragma once

#include "core/health.h"
#include "core/metrics.h"
#include "core/msec.h"

#include <stddef.h>
#include <stdint.h>

struct ev_loop;
struct http_server;

/* Asked for each request, at the moment it is answered. */
typedef void health_status_fn(void *arg, struct health_status *ret_status);

/* Asked for each scrape; what is counted here is filled in by the server. */
typedef void health_metrics_fn(void *arg, struct metrics *ret_metrics);

struct http_server_setup {
	struct health_settings health;
	health_status_fn *status;
	health_metrics_fn *metrics;
	void *arg; /* of both */
};

struct http_server_counts {
	uint64_t served; /* answers that tell a state or the metrics */
	uint64_t
		refused; /* answers that tell what is wrong with the request, and connections dropped for want of room or time */
};

/* How long a client may take. */
struct http_server_timeouts {
	/* From the connection, or the first byte of a later request, to the last byte of its head;
	 * and the same again to read the answer. */
	msec_t request_ms;
	/* Between an answer and the next request. Longer than the 60 s after which load balancers
	 * close an idle connection themselves, so that it is not closed under their request. */
	msec_t idle_ms;
	/* To read a refusal, before the connection is reset. */
	msec_t linger_ms;
};

#define HTTP_SERVER_CONNECTIONS 128
#define HTTP_SERVER_LISTENERS_MAX 8

/* Takes the listening sockets over (they are closed by http_server_free), if it succeeds. The path
 * must outlive it. Returns 0 or -errno. Allocates once, here, and lets the loop do so for its watchers;
 * starts them at once. Never more than a quarter of RLIMIT_NOFILE is used for connections, and another
 * for those that are about to be closed. */
int http_server_new(struct ev_loop *loop, const int *listen_fds, size_t listen_count,
	const struct http_server_setup *setup, struct http_server **ret_server);
void http_server_free(struct http_server *server);

/* In place of 5 s, 75 s and 2 s. Deadlines that run already stay. */
void http_server_set_timeouts(
	struct http_server *server, const struct http_server_timeouts *timeouts);
struct http_server_counts http_server_counts(const struct http_server *server);

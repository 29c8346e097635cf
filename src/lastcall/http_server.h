/* SPDX-License-Identifier: MIT */
/* Serves the health endpoint in the supervisor's event loop: bounded connections, one deadline each,
 * nothing allocated after it was opened. It decides nothing; what it says comes from the asker. */
#pragma once

#include "core/health.h"
#include "core/msec.h"

#include <stdint.h>

struct ev_loop;
struct http_server;

/* Asked for each request, at the moment it is answered. */
typedef void health_status_fn(void *arg, struct health_status *ret_status);

struct http_server_counts {
	uint64_t served;  /* answers of 200 and 503 */
	uint64_t refused; /* 4xx answers, and connections dropped for want of room or time */
};

/* Takes the listening sockets over (they are closed by http_server_free). path must outlive it.
 * Returns 0 or -errno. Allocates once, here; starts its watchers at once. */
int http_server_new(struct ev_loop *loop, const int *listen_fds, size_t listen_count,
	const char *path, health_status_fn *status, void *arg, struct http_server **ret_server);
void http_server_free(struct http_server *server);
struct http_server_counts http_server_counts(const struct http_server *server);

/* SPDX-License-Identifier: MIT */
/* One connection of the health endpoint: reads requests, answers them, and ends. And what all of them
 * share; for http_server only. */
#pragma once

#include "core/accept_crowd.h"
#include "lastcall/http_pool.h"
#include "lastcall/http_server.h"

struct http_server {
	struct ev_loop *loop;
	struct http_server_setup setup;
	struct http_server_timeouts timeouts;
	struct http_server_counts counts;

	ev_timer timer; /* runs while a connection is open or accepting is paused */
	msec_t timer_at; /* no later than the first deadline; earlier is harmless */
	msec_t accept_at; /* when paused: when to accept again; else MSEC_NEVER */
	ev_timer closer; /* runs while somebody leaves */
	size_t listener_count;
	struct accept_crowd crowd; /* of those who say nothing: the kernel keeps the next ones */

	struct http_pool pool;
	ev_io listeners[HTTP_SERVER_LISTENERS_MAX];
	uint64_t answers[METRICS_STATUS_COUNT]; /* by status, from 200 on */
	struct connection_buffers shared; /* used by all, while a request is being answered */
	struct connection connections[]; /* the pool's, with its buffers behind them */
};

/* Watchers that do not keep the loop running. */
void http_io_start(struct ev_loop *loop, ev_io *io);
void http_io_stop(struct ev_loop *loop, ev_io *io);

/* Opens a connection of an accepted socket, and answers what has already come. The pool must not be
 * empty. */
void http_connection_open(struct http_server *server, int fd);
void http_connection_close(struct connection *c);

/* Its deadline has passed. */
void http_connection_expire(struct connection *c);

/* Another one is to come. If its request has come by now, but not yet its turn, it is answered
 * first. */
void http_connection_give_way(struct connection *c);

/* What connections tell the server: one has a deadline; one has ended; one leaves the pool, and has yet
 * to be closed. */
void http_server_note_deadline(struct http_server *server, msec_t deadline);
void http_server_note_end(struct http_server *server);
void http_server_note_leaving(struct http_server *server);

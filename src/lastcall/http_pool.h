/* SPDX-License-Identifier: MIT */
/* The connections of the health endpoint: bounded room for them, which was answered when, and which has
 * to go when another one comes. For http_server and http_connection only.
 *
 * Half of the room is for clients that were never answered, half for those that were, so that
 * neither kind can drive out the other; of a kind, the longest unanswered goes. Who goes is closed a
 * little later: that takes three times as long as to accept and read the next one, and of those who
 * wait one may be a probe. */
#pragma once

#include "core/http_request.h"
#include "core/metrics.h"
#include "core/msec.h"

#include <ev.h>

enum connection_state {
	CONNECTION_CLOSED, /* in the pool */
	CONNECTION_READING, /* a request: until its head is complete */
	CONNECTION_ANSWERING, /* the socket's buffer is full: until the client has read on */
	CONNECTION_LINGERING, /* answered and half closed: until the client closes */
};

/* What of a connection is unfinished: an answer that the client does not take, a request whose rest
 * has not come. Mostly nothing is, so that these stay untouched and are never resident. */
struct connection_buffers {
	char answer[METRICS_ANSWER_BYTES];
	char request[HTTP_REQUEST_MAX_BYTES];
};

struct connection {
	ev_io io;
	struct http_server *server;
	struct connection *older, *newer; /* in its list; `newer` also links the spare */
	struct connection_list *list;
	enum connection_state state;
	bool is_idle; /* answered, and no byte of the next request has come */
	bool is_last; /* the answer is the last one */
	bool was_refused; /* the client may still be sending what we do not want to read */
	msec_t deadline;
	size_t answer_bytes, request_bytes; /* in its buffers */
	struct connection_buffers *buffers;
};

struct connection_list {
	struct connection *oldest, *newest;
	size_t count;
};

#define HTTP_POOL_LEAVING_MAX 512

struct http_leaving {
	int fd;
	bool reset;
};

struct http_pool {
	struct connection_list unanswered; /* the open ones that never were, by their age */
	struct connection_list answered; /* the others, by their last answer */
	struct connection *spare; /* closed ones, the warmest first */
	size_t used, capacity; /* slots after `used` were never touched */
	struct connection *connections;
	struct connection_buffers *buffers; /* one for each */

	struct http_leaving *leaving; /* to be closed */
	size_t leaving_count, leaving_capacity;
};

bool http_pool_is_empty(const struct http_pool *pool); /* every connection is taken */
bool http_pool_is_used(const struct http_pool *pool);

/* Takes one into use, the last of those never answered. It must not be empty. */
struct connection *http_pool_take(struct http_pool *pool);
void http_pool_give(struct http_pool *pool, struct connection *c);
void http_pool_note_answer(struct http_pool *pool, struct connection *c);

/* Who has to make room: one of the kind that has more than its half, or else an answered one. */
struct connection *http_pool_weakest(const struct http_pool *pool);

/* Takes a descriptor to be closed by http_pool_close_leaving, with a reset or not. Closes it at once
 * where there is no room. */
void http_pool_leave(struct http_pool *pool, int fd, bool reset);

/* Closes so many of them. Returns whether there are more. */
bool http_pool_close_leaving(struct http_pool *pool, size_t count);

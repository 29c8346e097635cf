/* SPDX-License-Identifier: MIT */
/* The connections of the health endpoint: a bounded pool, ordered by when each was answered, and the choice of the
 * one to evict. For http_server and http_conn only.
 *
 * Half of the room is for clients that were never answered, half for those that were, so that
 * neither kind can drive out the other; of a kind, the longest unanswered is evicted, and closed a
 * little later: that takes three times as long as to accept and read the next one, and one of the
 * waiting clients may be a probe. */
#pragma once

#include "core/http/http2_health.h"
#include "core/http/http_request.h"
#include "core/http/metrics.h"
#include "core/text/msec.h"

#include <ev.h>

enum http_conn_state {
	HTTP_CONN_CLOSED, /* in the pool */
	HTTP_CONN_READING, /* a request: until its head is complete */
	HTTP_CONN_ANSWERING, /* the socket's buffer is full: until the client has read on */
	HTTP_CONN_LINGERING, /* answered and half closed: until the client closes */
};

/* The unfinished part of a connection: a response that the client does not read, an incomplete request. Mostly
 * there is none, so that these pages stay untouched and are never resident. */
struct http_conn_buffers {
	char answer[METRICS_ANSWER_BYTES];
	char request[HTTP_REQUEST_MAX_BYTES];
};

struct http_conn {
	ev_io io;
	struct http_shared *shared;
	struct http_conn *older, *newer; /* in its list; `newer` also links the free_list */
	struct http_conn_list *list;
	enum http_conn_state state;
	bool is_idle; /* answered, and no byte of the next request has come */
	bool is_answer; /* what is being sent ends with an answer, over HTTP/2 not always so */
	bool is_last; /* the answer is the last one */
	bool was_refused; /* the client may still be sending a body that is not read */
	msec_t deadline;
	size_t answer_bytes, request_bytes; /* in its buffers */
	struct http_conn_buffers *buffers;
	struct http2_health http2;
};

struct http_conn_list {
	struct http_conn *oldest, *newest;
	size_t count;
};

#define HTTP_POOL_CLOSING_MAX 512

struct http_closing {
	int fd;
	bool reset;
};

struct http_pool {
	struct http_conn_list unanswered; /* the open ones that never were, by their age */
	struct http_conn_list answered; /* the others, by their last answer */
	struct http_conn *free_list; /* closed ones, the warmest first */
	size_t used, capacity; /* slots after `used` were never touched */
	struct http_conn *connections;
	struct http_conn_buffers *buffers; /* one for each */

	struct http_closing *closing; /* to be closed */
	size_t closing_count, closing_capacity;
};

bool http_pool_is_empty(const struct http_pool *pool); /* every connection is taken */
bool http_pool_is_used(const struct http_pool *pool);

/* Takes one into use, the last of those never answered. It must not be empty. */
struct http_conn *http_pool_take(struct http_pool *pool);
void http_pool_give(struct http_pool *pool, struct http_conn *c);
void http_pool_note_answer(struct http_pool *pool, struct http_conn *c);

/* The connection to evict: one of the kind that has more than its half, or else an answered one. */
struct http_conn *http_pool_eviction_candidate(const struct http_pool *pool);

/* Takes a descriptor to be closed by http_pool_close_some, with a reset or not. Closes it at once
 * where there is no room. */
void http_pool_close_later(struct http_pool *pool, int fd, bool reset);

/* Closes so many of them. Returns whether there are more. */
bool http_pool_close_some(struct http_pool *pool, size_t count);

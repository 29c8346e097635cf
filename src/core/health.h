/* SPDX-License-Identifier: MIT */
/* The health endpoint's truth and how it is told: which request gets which answer. Values in, bytes
 * out; it knows no socket. */
#pragma once

#include "core/http_request.h"
#include "core/msec.h"

#include <stdbool.h>
#include <stddef.h>

enum health_state {
	HEALTH_STARTING, /* the application does not listen yet: 503 */
	HEALTH_SERVING,	 /* 200 */
	HEALTH_DRAINING, /* from the stop signal to our last moment: 503 */
	HEALTH_STATE_COUNT,
};

struct health_status {
	enum health_state state;
	msec_t since_ms;	/* how long it has been in this state */
	bool connections_known; /* false when no detector works: busy and idle are then null */
	unsigned busy, idle;	/* connections of the application */
	msec_t deadline_ms;	/* time left until we must be gone; MSEC_NEVER before a stop */
};

const char *health_state_name(enum health_state state);

/* Room for any answer. */
#define HEALTH_ANSWER_BYTES 512

/* Writes the whole answer, header and body, to one request (GET or HEAD of path: 200 or 503; other
 * paths 404, other methods 405 with Allow). The body is one JSON object and a newline:
 * {"status":"draining","since_ms":812,"busy":3,"idle":17,"deadline_ms":8188}; deadline_ms is null
 * before a stop. A 503 carries no Retry-After: nobody knows when a starting application will be
 * ready, and a draining one will not come back. Returns the answer's length. */
size_t health_answer(char *buf, size_t cap, const struct http_request *request, const char *path,
	const struct health_status *status, int *ret_http_status);

/* The answer to bytes that are no request we take: the (positive) status that http_request_parse
 * named, or 408. It announces that the connection will be closed. */
size_t health_answer_error(char *buf, size_t cap, int http_status);

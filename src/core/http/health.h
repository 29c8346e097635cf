/* SPDX-License-Identifier: MIT */
/* What the health endpoint answers to which request. Values in, bytes
 * out; it knows no socket. */
#pragma once

#include "core/http/http_request.h"
#include "core/text/msec.h"
#include "core/text/text.h"

#include <stdbool.h>
#include <stddef.h>

enum health_state {
	HEALTH_STARTING, /* the application does not listen yet: 503 */
	HEALTH_SERVING, /* 200 */
	HEALTH_STUCK, /* it listens, and does not take what comes: 503; in the end also for liveness */
	HEALTH_DRAINING, /* from the stop signal on: the drain status */
	HEALTH_STOPPING, /* from the application's own stop signal, or its end, to our last moment: the same */
	HEALTH_STATE_COUNT,
};

struct health_status {
	enum health_state state;
	msec_t since_ms; /* how long it has been in this state */
	bool connections_known; /* false when no detector works: busy and idle are then null */
	unsigned busy, unsure, idle; /* connections of the application */
	msec_t age_ms; /* of these numbers; below 0: there are none yet */
	unsigned jobs; /* that the application declares */
	const char *
		status; /* what it says of itself: a short line of UTF-8 without control characters, or empty */
	msec_t deadline_ms; /* time left until we must be gone; MSEC_NEVER before a stop */
};

struct health_settings {
	const char *path; /* /livez, /readyz and /metrics are there beside it */
	int drain_status; /* of path and /readyz while draining and stopping: 200 to 599 */
	/* /livez gives an application that is stuck so long. One that serves a request at a time
	 * looks stuck while a slow one is served and another waits; and a restart does not end
	 * sooner than that: the stop lets the request finish. */
	msec_t live_patience_ms;
};

enum health_page {
	HEALTH_PAGE_READY, /* path, and /readyz: may traffic be sent here? */
	HEALTH_PAGE_LIVE, /* /livez: is a restart no remedy? 200 unless stuck for long */
	HEALTH_PAGE_METRICS, /* /metrics: core/http/metrics.h answers it */
	HEALTH_PAGE_STATUS, /* /lastcall/status: core/status/status.h writes it, for clients of this container */
	HEALTH_PAGE_STATUS_JSON, /* /lastcall/status.json: the same */
	HEALTH_PAGE_NONE, /* no such page, or no such method */
};

#define HEALTH_STATUS_PATH "/lastcall/status"
#define HEALTH_STATUS_JSON_PATH "/lastcall/status.json"

const char *health_state_name(enum health_state state);

/* The HTTP status of the path and of /readyz. */
int health_ready_status(enum health_state state, int drain_status);

/* Which page a request is for. */
enum health_page health_page_of(
	const struct http_request *request, const struct health_settings *settings);

/* Room for any answer but that of /metrics. */
#define HEALTH_ANSWER_BYTES 1024

/* Writes the whole answer, header and body, to one request that is not for /metrics, with 404 for the status (GET, HEAD or
 * OPTIONS, of which `*` means the path; unknown paths 404, other methods 405 with Allow). The body is one
 * JSON object and a newline:
 * {"status":"draining","since_ms":812,"busy":3,"unsure":0,"idle":17,"age_ms":12,"jobs":1,"deadline_ms":8188,"app_status":"up"};
 * deadline_ms is null before a stop, and app_status where the application says nothing. A 503 carries no Retry-After: the moment at which a starting application is ready is
 * unknown, and a draining one will not come back. Returns the answer's length. */
size_t health_answer(char *buf, size_t cap, const struct http_request *request,
	const struct health_settings *settings, const struct health_status *status,
	int *ret_http_status);

/* The answer to bytes that are no request we take: the (positive) status that http_request_parse
 * named, or 408. It announces that the connection will be closed. */
size_t health_answer_error(char *buf, size_t cap, int http_status);

/* Writes an answer, header and body. To a HEAD it has the length of the body that is left out; to an OPTIONS,
 * which HAProxy's checks use, the status alone: length 0, and the methods that are allowed. */
void health_add_answer(struct text *text, int http_status, const char *content_type,
	const struct text *body, enum http_method method, bool keep_alive);

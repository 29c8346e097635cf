/* SPDX-License-Identifier: MIT */
/* One HTTP request to the agent of Amazon ECS and its answer, in the supervisor's event loop: a connection of its
 * own, HTTP/1.0, with a limit of time and one of bytes. It never blocks, and allocates nothing once it is
 * initialized. */
#pragma once

#include "core/http/http_answer.h"
#include "core/http/http_url.h"
#include "core/text/msec.h"
#include "core/text/text.h"

#include <ev.h>

#define AGENT_REQUEST_BYTES 1024

/* Called once for each request: r is 0 with a whole answer, whatever its status; or -ETIMEDOUT, -EMSGSIZE: it is
 * longer than the buffer, -EBADMSG: it is no HTTP, or another -errno. The answer points into the buffer. May begin
 * another request. */
typedef void agent_answer_fn(void *arg, int r, const struct http_answer *answer);

struct agent_exchange {
	struct ev_loop *loop;
	agent_answer_fn *over;
	void *arg;
	ev_io io;
	ev_timer timer;
	bool is_connected;
	char request[AGENT_REQUEST_BYTES];
	size_t request_len, sent;
	char *buf; /* of the answer; the caller's */
	size_t cap, received;
};

void agent_exchange_init(struct agent_exchange *ret_exchange, struct ev_loop *loop,
	agent_answer_fn *over, void *arg, char *buf, size_t cap);

/* Begins: METHOD, the URL's path with `more` behind it, and a body of JSON, or NULL for none. The last request is
 * over. Returns 0, or -EMSGSIZE if the request is too long; then nothing is called. Any other failure is an
 * answer, and may come before this returns. */
int agent_exchange_begin(struct agent_exchange *exchange, const struct http_url *url,
	const char *method, const char *more, const char *body, msec_t limit);

bool agent_exchange_is_under_way(const struct agent_exchange *exchange);

/* Ends a request that is under way, without a call. */
void agent_exchange_break_off(struct agent_exchange *exchange);

/* SPDX-License-Identifier: MIT */
/* Asks a health URL again and again, a new connection each time as load balancers do: until it is well
 * before the load begins, and from the stop on, to see when it first says no. One question at a time. */
#pragma once

#include "drill/load/request.h"

#include <ev.h>

struct health_answer {
	int64_t asked_us, answered_us; /* monoclock_now_us() */
	int http_status; /* 0: no answer */
	bool is_drills_fault; /* no descriptor, no port: it says nothing of the target */
	bool was_connected; /* the URL's own kernel, or a program there, took the connection */
	const char *tls_reason; /* why TLS failed, as OpenSSL has it; NULL: it did not */
	int error; /* errno, where that is why: ECONNREFUSED, EKEYREJECTED (whose certificate is not
		    * trusted), ETIMEDOUT, EBADMSG (no HTTP), EPIPE (it closed the connection); else 0 */
};

struct health_probe;

/* form: the header fields and method of its requests. A period of 0 asks again at once. The target outlives the probe. Returns 0 or -ENOMEM. */
int health_probe_new(struct ev_loop *loop, const struct target *target,
	const struct request_form *form, int64_t period_us, int64_t timeout_us,
	void (*on_answer)(void *user, const struct health_answer *answer), void *user,
	struct health_probe **ret_probe);

/* Both may be called in on_answer; stopping drops a question that has no answer yet. */
void health_probe_start(struct health_probe *probe);
void health_probe_stop(struct health_probe *probe);

void health_probe_free(struct health_probe *probe);

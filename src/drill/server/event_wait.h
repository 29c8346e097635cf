/* SPDX-License-Identifier: MIT */
/* Waits in the event loop: for something to become true, until a deadline, or until Ctrl-C. Nothing
 * in the drill waits in any other way. */
#pragma once

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

struct event_wait {
	struct ev_loop *loop;
	ev_signal signals[4]; /* SIGINT, SIGQUIT, SIGTERM, SIGHUP */
	int interrupted_by; /* the signal that ends the drill; 0: none */
	bool is_deaf; /* while cleaning up, Ctrl-C has no effect */
};

/* From here on these signals only end waits. */
void event_wait_init(struct event_wait *wait, struct ev_loop *loop);
void event_wait_done(struct event_wait *wait);

/* Returns 0 as soon as is_over says so, -EINTR when the user wants an end (also when that was before),
 * or -ETIMEDOUT. is_over is asked after whatever happens in the loop. */
int event_wait_until(
	struct event_wait *wait, bool (*is_over)(void *arg), void *arg, int64_t timeout_us);

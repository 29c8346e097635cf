/* SPDX-License-Identifier: MIT */
/* Waits in the event loop: for something to become true, until a deadline, or until somebody presses
 * Ctrl-C. Nothing in the drill waits in any other way. */
#pragma once

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

struct waiter {
	struct ev_loop *loop;
	ev_signal signals[3]; /* SIGINT, SIGTERM, SIGHUP */
	int interrupted_by; /* a signal; 0: nobody wants us to end */
	bool is_deaf; /* cleaning up goes on, whoever is in a hurry */
};

/* From here on these signals only end waits. */
void waiter_init(struct waiter *waiter, struct ev_loop *loop);
void waiter_done(struct waiter *waiter);

/* Returns 0 as soon as is_over says so, -EINTR when the user wants an end (also when that was before),
 * or -ETIMEDOUT. is_over is asked after whatever happens in the loop. */
int waiter_wait(struct waiter *waiter, bool (*is_over)(void *arg), void *arg, int64_t timeout_us);

/* SPDX-License-Identifier: MIT */
/* A libev timer for a moment of monoclock_now_us(). */
#pragma once

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

/* Starts an inactive one-shot timer; a moment that has passed fires at once. */
void load_timer_start(struct ev_loop *loop, ev_timer *timer, int64_t at_us);

/* For the callback of a one-shot timer that was due at due_us. Returns true where the callback has to return at once:
 * it is called again, in the loop's next round, after what has arrived was read. So a drill that had no processor for
 * a while, or was stopped, does not take for late what came in time. */
bool load_timer_lets_others_first(struct ev_loop *loop, ev_timer *timer, int64_t due_us);

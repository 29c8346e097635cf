/* SPDX-License-Identifier: MIT */
/* A libev timer for a moment of monoclock_now_us(). */
#pragma once

#include <ev.h>
#include <stdint.h>

/* Starts an inactive one-shot timer; a moment that has passed fires at once. */
void load_timer_start(struct ev_loop *loop, ev_timer *timer, int64_t at_us);

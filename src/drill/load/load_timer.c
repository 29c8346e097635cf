/* SPDX-License-Identifier: MIT */
#include "drill/load/load_timer.h"

#include "sys/monoclock.h"

void load_timer_start(struct ev_loop *loop, ev_timer *timer, int64_t at_us)
{
	int64_t left = at_us - monoclock_now_us();

	ev_now_update(loop);
	ev_timer_set(timer, left > 0 ? (double)left / 1e6 : 0., 0.);
	ev_timer_start(loop, timer);
}

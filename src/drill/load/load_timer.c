/* SPDX-License-Identifier: MIT */
#include "drill/load/load_timer.h"

#include "sys/monoclock.h"

#define LATE_US INT64_C(20000) /* no loop that has a processor is so late */

void load_timer_start(struct ev_loop *loop, ev_timer *timer, int64_t at_us)
{
	int64_t left = at_us - monoclock_now_us();

	ev_now_update(loop);
	ev_timer_set(timer, left > 0 ? (double)left / 1e6 : 0., 0.);
	ev_timer_start(loop, timer);
}

/* epoll_wait(2) says nothing of what is ready when SIGCONT has ended it: timers come first then. The priority
 * holds whether the timer has let the others go first, and sees to it that they do. */
bool load_timer_lets_others_first(struct ev_loop *loop, ev_timer *timer, int64_t due_us)
{
	bool is_late = monoclock_now_us() > due_us + LATE_US;
	bool has_waited = ev_priority(timer) == EV_MINPRI;

	ev_set_priority(timer, is_late && !has_waited ? EV_MINPRI : 0);
	if (is_late && !has_waited)
		load_timer_start(loop, timer, due_us);
	return is_late && !has_waited;
}

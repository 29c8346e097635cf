/* SPDX-License-Identifier: MIT */
#include "drill/waiter.h"

#include "sys/monoclock.h"

#include <errno.h>
#include <signal.h>

static void on_signal(struct ev_loop *loop, ev_signal *signal, int events)
{
	struct waiter *waiter = signal->data;

	(void)loop;
	(void)events;
	waiter->interrupted_by = signal->signum;
}

void waiter_init(struct waiter *waiter, struct ev_loop *loop)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

	*waiter = (struct waiter){.loop = loop};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		ev_signal_init(&waiter->signals[i], on_signal, numbers[i]);
		waiter->signals[i].data = waiter;
		ev_signal_start(loop, &waiter->signals[i]);
	}
}

void waiter_done(struct waiter *waiter)
{
	for (size_t i = 0; i < sizeof(waiter->signals) / sizeof(*waiter->signals); i++)
		ev_signal_stop(waiter->loop, &waiter->signals[i]);
}

static void on_deadline(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)timer;
	(void)events; /* the loop has come round: that is all */
}

int waiter_wait(struct waiter *waiter, bool (*is_over)(void *arg), void *arg, int64_t timeout_us)
{
	int64_t deadline_us = monoclock_now_us() + timeout_us;
	ev_timer timer;
	bool over, hurry;

	ev_now_update(waiter->loop);
	ev_timer_init(
		&timer, on_deadline, (double)timeout_us / 1e6, 1); /* again, if it was early */
	ev_timer_start(waiter->loop, &timer);
	for (;;) {
		over = is_over(arg);
		hurry = waiter->interrupted_by != 0 && !waiter->is_deaf;
		if (over || hurry || monoclock_now_us() >= deadline_us)
			break;
		ev_run(waiter->loop, EVRUN_ONCE);
	}
	ev_timer_stop(waiter->loop, &timer);
	if (hurry)
		return -EINTR;
	return over ? 0 : -ETIMEDOUT;
}

/* SPDX-License-Identifier: MIT */
#include "drill/server/event_wait.h"

#include "sys/monoclock.h"

#include <errno.h>
#include <signal.h>

static void on_signal(struct ev_loop *loop, ev_signal *signal, int events)
{
	struct event_wait *wait = signal->data;

	(void)loop;
	(void)events;
	wait->interrupted_by = signal->signum;
}

/* What was ignored when the drill began stays so: nohup(1), and what a shell without job control starts in
 * the background. */
static bool is_ignored(int number)
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void event_wait_init(struct event_wait *wait, struct ev_loop *loop)
{
	static const int numbers[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};

	*wait = (struct event_wait){.loop = loop};
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		ev_signal_init(&wait->signals[i], on_signal, numbers[i]);
		wait->signals[i].data = wait;
		if (!is_ignored(numbers[i]))
			ev_signal_start(loop, &wait->signals[i]);
	}
}

void event_wait_done(struct event_wait *wait)
{
	for (size_t i = 0; i < sizeof(wait->signals) / sizeof(*wait->signals); i++)
		ev_signal_stop(wait->loop, &wait->signals[i]);
}

static void on_deadline(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)timer;
	(void)events; /* the loop has come round: that is all */
}

int event_wait_until(
	struct event_wait *wait, bool (*is_over)(void *arg), void *arg, int64_t timeout_us)
{
	int64_t deadline_us = monoclock_now_us() + timeout_us;
	ev_timer timer;
	bool over, hurry;

	ev_now_update(wait->loop);
	ev_timer_init(
		&timer, on_deadline, (double)timeout_us / 1e6, 1); /* again, if it was early */
	ev_timer_start(wait->loop, &timer);
	for (;;) {
		over = is_over(arg);
		hurry = wait->interrupted_by != 0 && !wait->is_deaf;
		if (over || hurry || monoclock_now_us() >= deadline_us)
			break;
		ev_run(wait->loop, EVRUN_ONCE);
	}
	ev_timer_stop(wait->loop, &timer);
	if (hurry)
		return -EINTR;
	return over ? 0 : -ETIMEDOUT;
}

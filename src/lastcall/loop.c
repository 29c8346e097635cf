/* SPDX-License-Identifier: MIT */
#include "lastcall/loop.h"

#include "lastcall/loop_memory.h"
#include "sys/signals.h"

#include <errno.h>

#if EV_PERIODIC_ENABLE
static void on_never(struct ev_loop *loop, ev_periodic *watcher, int events)
{
	(void)loop;
	(void)watcher;
	(void)events;
}

/* libev wakes up every minute to see whether the wall clock was changed, unless a timerfd tells it,
 * which it only makes for periodic watchers. So there is one, a long way off. */
static void sleep_without_wakeups(struct loop *loop)
{
	ev_periodic_init(&loop->never, on_never, 1e15, 0., NULL);
	ev_periodic_start(loop->ev, &loop->never);
}
#else
/* A libev without periodic watchers does not watch the wall clock. */
static void sleep_without_wakeups(struct loop *loop)
{
	(void)loop;
}
#endif

/* libev aborts on an error without a callback for it. Whatever the kernel refuses us, the application
 * goes on. */
static void go_on(const char *message)
{
	(void)message;
}

int loop_open(struct loop *ret_loop, int signal_fd)
{
	int r = signals_try_epoll(signal_fd);

	if (r < 0)
		return r;
	ev_set_allocator(loop_memory_resize);
	ev_set_syserr_cb(go_on);
	ret_loop->ev = ev_loop_new(EVFLAG_NOENV | EVBACKEND_EPOLL);
	if (ret_loop->ev == NULL)
		return errno > 0 ? -errno : -ENOMEM; /* EMFILE, as a rule */
	sleep_without_wakeups(ret_loop);
	return 0;
}

void loop_close(struct loop *loop)
{
	if (loop->ev != NULL)
		ev_loop_destroy(loop->ev);
	loop->ev = NULL;
}

void loop_wait_for(struct ev_loop *loop, ev_io *io, int events)
{
	if (ev_is_active(io) && io->events == events)
		return;
	ev_io_stop(loop, io);
	ev_io_set(io, io->fd, events);
	ev_io_start(loop, io);
}

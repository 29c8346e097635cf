/* SPDX-License-Identifier: MIT */
/* libev from its source, as its documentation has it (EMBEDDING in ev.pod). cmake/LastcallStatic.cmake
 * has what concerns ev.h, too; here is what only its own code asks for. */
#define EV_USE_EPOLL 1
#define EV_USE_SELECT 0
#define EV_USE_POLL 0
#define EV_USE_EVENTFD 0 /* wakes another thread's loop, or one in a signal handler */
#define EV_USE_SIGNALFD 0
#define EV_USE_TIMERFD 0 /* for a changed clock, which only periodic watchers mind */
#define EV_USE_INOTIFY 0
#define EV_USE_LINUXAIO 0
#define EV_USE_IOURING 0
#define EV_USE_MONOTONIC 1
#define EV_USE_REALTIME 0
#define EV_HAVE_EV_TIME /* below */
#define EV_USE_CLOCK_SYSCALL 0
#define EV_USE_NANOSLEEP 0
#define EV_VERIFY 0
#define EV_AVOID_STDIO 1

/* We say EVFLAG_NOENV, always. */
#include <stdlib.h>
#define getenv(name) NULL

/* ev_set_allocator(3) comes before everything else: the default is never called, and nothing links malloc. */
#define realloc(memory, bytes) ((void)(memory), (void)(bytes), NULL)
#define free(memory) ((void)(memory))

#include <ev.h>
#include <time.h>

ev_tstamp ev_time(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

#pragma GCC diagnostic ignored "-Wextra"
#include <ev.c>

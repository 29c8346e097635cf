/* SPDX-License-Identifier: MIT */
/* libev from its source, as its documentation has it (EMBEDDING in ev.pod). src/static/CMakeLists.txt
 * has what concerns ev.h, too; here is what only its own code asks for. */
#define EV_USE_EPOLL 1
#define EV_USE_SELECT 0
#define EV_USE_POLL 0
#define EV_USE_EVENTFD 0 /* wakes another thread's loop, or one in a signal handler */
#define EV_USE_SIGNALFD 0
#define EV_USE_TIMERFD 1 /* or it looks every minute for a changed clock */
#define EV_USE_INOTIFY 0
#define EV_USE_LINUXAIO 0
#define EV_USE_IOURING 0
#define EV_USE_MONOTONIC 1
#define EV_USE_REALTIME 1
#define EV_USE_CLOCK_SYSCALL 0
#define EV_USE_NANOSLEEP 1
#define EV_USE_FLOOR 1
#define EV_VERIFY 0
#define EV_AVOID_STDIO 1

/* We say EVFLAG_NOENV, always. */
#include <stdlib.h>
#define getenv(name) NULL

#include <math.h>

/* Of seconds since 1970: an integer has room for them. */
static double floor_of_seconds(double seconds)
{
	double whole = (double)(long long)seconds;

	return whole > seconds ? whole - 1 : whole;
}
#define floor floor_of_seconds

#pragma GCC diagnostic ignored "-Wextra"
#include <ev.c>

/* SPDX-License-Identifier: MIT */
#include "sys/monoclock.h"

#include <time.h>

static int64_t read_us(clockid_t clock)
{
	struct timespec now = {0};

	(void)clock_gettime(clock, &now); /* cannot fail for the clocks below */
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

msec_t monoclock_now(void)
{
	return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t monoclock_now_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t processor_now_us(void)
{
	return read_us(CLOCK_THREAD_CPUTIME_ID);
}

int64_t wallclock_unix_ms(void)
{
	return read_us(CLOCK_REALTIME) / 1000;
}

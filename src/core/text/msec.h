/* SPDX-License-Identifier: MIT */
/* Monotonic milliseconds: the only time that decisions see. Deadlines are absolute, sums saturate,
 * and MSEC_NEVER means that there is no limit. */
#pragma once

#include <stdint.h>

typedef int64_t msec_t;

#define MSEC_NEVER INT64_MAX

static inline msec_t msec_add(msec_t a, msec_t b)
{
	if (a == MSEC_NEVER || b == MSEC_NEVER || (b > 0 && a > MSEC_NEVER - b))
		return MSEC_NEVER;
	return a + b;
}

static inline msec_t msec_min(msec_t a, msec_t b)
{
	return a < b ? a : b;
}

static inline msec_t msec_max(msec_t a, msec_t b)
{
	return a > b ? a : b;
}

/* Time left until a deadline: 0 when it has passed, MSEC_NEVER when there is none. */
static inline msec_t msec_left(msec_t deadline, msec_t now)
{
	if (deadline == MSEC_NEVER)
		return MSEC_NEVER;
	return deadline > now ? deadline - now : 0;
}

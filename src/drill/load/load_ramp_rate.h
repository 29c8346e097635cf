/* SPDX-License-Identifier: MIT */
/* How fast the connections of a cohort are made before the stop. */
#pragma once

#include "drill/load/client.h"

#define LOAD_RAMP_TICK_US INT64_C(5000)

/* A connection that failed, or was closed without a response, is tried again this much later: until the
 * load gives up as not ready, that is often enough. */
#define LOAD_RAMP_RETRY_US INT64_C(250000)

/* How many of a cohort to open in one tick. The queue of a listener is short (Python's has five places): a
 * client that overflows it waits a second until its kernel tries again. So a cohort of any size takes 100
 * ticks, and a small one less. */
static inline unsigned load_ramp_opens_at_once(unsigned count)
{
	return count / 100 > 2 ? count / 100 : 2;
}

static inline bool load_ramp_was_answered(const struct client_end *end)
{
	return end->end.cause == END_ANSWERED && end->end.http_status < 400;
}

/* When to ask again on a connection whose attempt has ended so. */
static inline int64_t load_ramp_again_at(const struct client_end *end)
{
	return load_ramp_was_answered(end) ? 0 : end->end_us + LOAD_RAMP_RETRY_US;
}

/* SPDX-License-Identifier: MIT */
/* How many bytes a slow client may have moved by now. */
#pragma once

#include <stdint.h>

#define PACE_TICK_US 10000 /* how often a slow client moves some */

/* What is left of its rate after so long, when so many are done; never less than 0. It begins with the
 * bytes of one tick, and a client that was held up does not catch up with more than a second's. */
static inline int64_t pace_allowance(int64_t bytes_per_s, int64_t elapsed_us, int64_t done_bytes)
{
	int64_t tick = bytes_per_s / (1000000 / PACE_TICK_US) + 1;
	int64_t due = (int64_t)((double)bytes_per_s * (double)elapsed_us / 1e6) + tick;
	int64_t left = due - done_bytes;

	if (left > bytes_per_s + tick)
		return bytes_per_s + tick;
	return left > 0 ? left : 0;
}

/* SPDX-License-Identifier: MIT */
/* How many connections ended in each way within the last half second. A process that dies ends its
 * sockets a moment before it is reaped: what was judged then is to be judged again. */
#pragma once

#include "core/text/msec.h"

/* 445 ms were seen between the end of the sockets and SIGCHLD (Linux 6.18, a busy machine). */
#define RECENT_ENDS_MS 500

enum recent_end {
	RECENT_GAVE_UP, /* a request without its answer, which the client seemed to end */
	RECENT_ANSWERED, /* finished, in one piece */
	RECENT_STREAMED, /* finished, in several: it may have been half of it */
	RECENT_DOUBTED, /* held for doubt alone, and ended in peace */
	RECENT_RESTED, /* held because a byte had just moved */
	RECENT_END_COUNT,
};

#define RECENT_ENDS_SLOTS 8

/* Zeroed: none. */
struct recent_ends {
	struct recent_ends_slot {
		msec_t began; /* at a multiple of the time of one slot */
		unsigned count[RECENT_END_COUNT];
	} slots[RECENT_ENDS_SLOTS];
};

void recent_ends_add(struct recent_ends *ends, enum recent_end end, msec_t now);
unsigned recent_ends_count(const struct recent_ends *ends, enum recent_end end, msec_t now);

/* Forgets all of them. */
void recent_ends_clear(struct recent_ends *ends);

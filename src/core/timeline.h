/* SPDX-License-Identifier: MIT */
/* How many connections were busy and open over the drain, kept in a fixed number of points: when
 * they are used up, every second one is dropped and the spacing doubles. */
#pragma once

#include "core/msec.h"

#include <stdbool.h>
#include <stddef.h>

#define TIMELINE_POINTS 120

struct timeline_point {
	uint32_t at_ms; /* since the stop signal */
	uint32_t busy, open;
};

struct timeline {
	struct timeline_point points[TIMELINE_POINTS];
	size_t count;
	uint32_t spacing_ms; /* a point closer to the last one replaces it */
};

void timeline_init(struct timeline *timeline);

/* A sample equal to the last two only moves the last one along. The first and the latest
 * sample are always kept, and so is the highest busy count. */
void timeline_add(struct timeline *timeline, msec_t since_stop, unsigned busy, unsigned open);

/* SPDX-License-Identifier: MIT */
/* How many connections were busy and open over the drain, kept in a fixed number of points: when
 * they are used up, every second one is dropped and the spacing doubles. The line that is drawn
 * through the points is what they say. */
#pragma once

#include "core/text/msec.h"

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
	uint32_t spacing_ms; /* the last point gives way to the next while it is closer than this to
			      * the one before it */
};

void timeline_init(struct timeline *timeline);

/* Samples come in the order of their time. One equal to the last two only moves the last one along.
 * The first and the latest sample are always kept, and so is the highest busy count. */
void timeline_add(struct timeline *timeline, msec_t since_stop, unsigned busy, unsigned open);

/* Drops every second point, but not those that are always kept, and doubles the spacing. Returns
 * false when there was nothing to drop. */
bool timeline_thin(struct timeline *timeline);

/* SPDX-License-Identifier: MIT */
/* Which part of a run's time a picture shows, and where on it a moment is. */
#pragma once

#include "drill/core/run.h"

struct axis {
	drill_us_t from, to; /* from < to */
	drill_us_t step; /* from one tick to the next: 1, 2 or 5 times a power of ten */
	bool has_deadline; /* else it is too far away to be shown to scale */
};

/* From a little before the stop to a little after the last of it: its marks, and the ends of what was in
 * flight. Others' attempts may go on for long when all is over, and are shown for half as much again.
 * So is the deadline, unless all else would shrink to less than a third because of it. */
struct axis axis_of_run(const struct run *run);

/* 0 at from, 1 at to; what lies outside is put on the edge. */
double axis_position(const struct axis *axis, drill_us_t moment);

/* The first tick at or after from. */
drill_us_t axis_first_tick(const struct axis *axis);

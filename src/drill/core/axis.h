/* SPDX-License-Identifier: MIT */
/* Which part of a run's time a picture shows, and where on it a moment is. */
#pragma once

#include "drill/core/run.h"

struct axis {
	drill_us_t from, to; /* from < to */
	drill_us_t step; /* from one tick to the next: 1, 2 or 5 times a power of ten */
	bool has_deadline; /* else it is too far away to be shown to scale */
};

/* A little before the stop, until the last thing that happened. The deadline is shown unless all
 * else would shrink to less than a third because of it. */
struct axis axis_of_run(const struct run *run);

/* 0 at from, 1 at to; what lies outside is put on the edge. */
double axis_position(const struct axis *axis, drill_us_t moment);

/* The first tick at or after from. */
drill_us_t axis_first_tick(const struct axis *axis);

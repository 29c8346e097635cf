/* SPDX-License-Identifier: MIT */
/* One cohort's attempts of a run, thinned to what a picture has room for: any number of attempts
 * becomes so many columns, or so many lines, and no group of outcomes disappears from them. */
#pragma once

#include "drill/core/axis.h"
#include "drill/core/outcome_group.h"

#define LANE_MAX_COLUMNS 400
#define LANE_MAX_LINES 24

/* How many attempts there were, by their group, and by when they were made. */
struct lane {
	enum cohort cohort;
	unsigned columns;
	uint32_t counts[LANE_MAX_COLUMNS][OUTCOME_GROUP_COUNT];
	uint32_t totals[OUTCOME_GROUP_COUNT], attempts, failures;
	uint32_t most_good, most_failed; /* in one column */
};

/* Up to LANE_MAX_COLUMNS columns. An attempt counts where it began; those of COHORT_ACCEPT_QUEUE all
 * begin at once, and count where they ended. What began after the end of the axis is in the totals
 * alone; of what lies outside of it otherwise, what failed is on its edge. */
void lane_fill(struct lane *ret_lane, const struct run *run, enum cohort cohort,
	const struct axis *axis, unsigned columns);

/* Of so many failures in a column, at least one step of steps is drawn. most is above 0. */
unsigned lane_steps(uint32_t count, uint32_t most, unsigned steps);

/* A request as a line from its start to its end. */
struct lane_line {
	drill_us_t start, end;
	enum outcome_group group;
};

/* The cohort's requests as LANE_MAX_LINES lines at most, in the order of their ends. Where there are
 * more, each group is given lines in proportion, one at least, which are spread evenly over it, the
 * last one to end among them. all is scratch space for run->attempt_count lines. Returns how many. */
unsigned lane_lines(struct lane_line ret_lines[LANE_MAX_LINES], const struct run *run,
	enum cohort cohort, struct lane_line *all);

/* SPDX-License-Identifier: MIT */
/* The numbers of a run that are looked at over all runs, and what outputs call them. A run that says
 * nothing (run.error) has none. */
#pragma once

#include "drill/core/drill_result.h"

enum measure {
	MEASURE_STOP,
	MEASURE_IDEAL,
	MEASURE_OVERSHOOT,
	MEASURE_UNDERSHOOT,
	MEASURE_MARGIN,
	MEASURE_LAME_DUCK,
	MEASURE_MAX_GAP,
	MEASURE_DRAIN_P50,
	MEASURE_DRAIN_MAX,
	MEASURE_CUT,
	MEASURE_REFUSED, /* while healthy */
	MEASURE_COUNT,
};

/* "stop_wall_s": as in JSON, the part below drain_s after a dot. "stop time": for people. */
const char *measure_name(enum measure measure);
const char *measure_label(enum measure measure);
bool measure_is_count(enum measure measure); /* else seconds */

/* Whether less of it is better for sure, so that two drills can be held against each other. Of the
 * others some follow from these (margin), some are what was asked for (ideal, lame duck). */
bool measure_is_cost(enum measure measure);

/* NAN: not known. */
double measure_of_run(const struct run *run, enum measure measure);

/* Over all runs that know it. */
struct percentiles measure_over_runs(const struct drill_result *result, enum measure measure);

/* What became of a cohort in all runs together, also in those that show nothing: what was lost is lost. */
struct cohort_numbers measure_cohort(const struct drill_result *result, enum cohort cohort);

/* The run that a picture should show: the one that lost most, was killed, or took longest. NULL: there
 * is none. */
const struct run *measure_worst_run(const struct drill_result *result);

/* ", the worst" or ", the longest": what that run is, behind its number. */
const char *measure_worst_because(const struct run *worst);

/* Something of this run has to be looked at. */
bool measure_run_is_bad(const struct run *run);

/* SPDX-License-Identifier: MIT */
/* What a stop may cost: the limits that decide between pass and fail. */
#pragma once

#include "drill/core/attempt.h"

#define THRESHOLD_OFF (-1)

struct thresholds {
	int64_t most[OUTCOME_COUNT]; /* of a run's judged attempts; THRESHOLD_OFF: not looked at */
	bool is_refused_given; /* else refusals count only where a health endpoint is asked */
	int64_t most_in_flight_cut; /* or THRESHOLD_OFF */
	/* NAN: not looked at */
	double min_completion, max_stop_s, max_overshoot_s, max_gap_s;
	double min_margin_s; /* 0: more than nothing has to be left */
};

/* The strict defaults: nothing in flight is cut; no answer is truncated, corrupt, stalled, reset in its
 * middle, or a 5xx other than the server's own goodbye; nobody is refused while the health endpoint
 * is well; and some time is left to the deadline. */
void thresholds_init(struct thresholds *thresholds);

/* Reads "truncated>0,refused>5": outcomes, or in_flight_cut, and how many of them are still accepted;
 * the word none takes all limits of this kind away. Returns 0, or -EINVAL for anything else. */
int thresholds_parse(struct thresholds *thresholds, const char *list);

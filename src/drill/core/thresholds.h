/* SPDX-License-Identifier: MIT */
/* What a stop may cost: the limits that decide between pass and fail. */
#pragma once

#include "drill/core/attempt.h"

#define THRESHOLD_OFF (-1)
#define THRESHOLD_MAX_EXITS 16

struct thresholds {
	int64_t most[OUTCOME_COUNT]; /* of a run's judged attempts; THRESHOLD_OFF: not looked at */
	bool is_retry_safe[OUTCOME_COUNT]; /* clients send it again: a warning, no failure */
	int64_t most_in_flight_cut; /* or THRESHOLD_OFF */
	int expect_exit[THRESHOLD_MAX_EXITS]; /* exit statuses that a stop may end with */
	unsigned expect_exit_count; /* 0: 0, 143 and 128 + the stop signal; others are a warning */
	/* NAN: not looked at */
	double min_completion, max_stop_s, max_overshoot_s, max_gap_s;
	double min_margin_s; /* 0: more than nothing has to be left */
};

/* The strict defaults: every request that was sent while the target looked healthy is answered as before the
 * stop, and some time is left to the deadline. */
void thresholds_init(struct thresholds *thresholds);

/* Reads "truncated>0,refused>5": outcomes, or in_flight_cut, and how many of them are still accepted;
 * the word none takes all limits of this kind away. Returns 0, or -EINVAL for anything else. */
int thresholds_parse(struct thresholds *thresholds, const char *list);

/* Reads "refused,reset_connect": outcomes that clients repeat. Returns 0, or -EINVAL. */
int thresholds_parse_retry_safe(struct thresholds *thresholds, const char *list);

/* Reads "0,143". Returns 0, or -EINVAL. */
int thresholds_parse_exits(struct thresholds *thresholds, const char *list);

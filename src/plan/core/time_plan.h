/* SPDX-License-Identifier: MIT */
/* All that `lastcall-plan time` computes of one deployment: the source of every output. */
#pragma once

#include "plan/core/breaker.h"
#include "plan/core/levers.h"
#include "plan/core/plan_inputs.h"
#include "plan/core/rollout.h"

#define TIME_PLAN_MAX_NOTES 16
#define TIME_PLAN_NOTE_BYTES 256

/* What --deployments has of one deployment. Times are milliseconds since 1970; -1: not known. */
struct past_deployment {
	char id[64], status[32], stage[64];
	int64_t started, finished;
};

#define TIME_PLAN_MAX_PAST 100

struct time_plan {
	struct plan_inputs inputs; /* complete */
	struct rollout upper, lower;
	struct rollout scratch;
	struct levers levers;
	struct breaker breaker; /* of a rolling deployment on ECS */
	int64_t freeing_max, freeing_min; /* of a stuck deployment; -1: none */

	char notes[TIME_PLAN_MAX_NOTES]
		  [TIME_PLAN_NOTE_BYTES]; /* what a user may not expect, a sentence each */
	unsigned note_count;

	/* --reports: PLAN_STOP is this percentile of so many stops. 0 stops: none */
	unsigned measured_stops, percentile;

	struct past_deployment past[TIME_PLAN_MAX_PAST];
	unsigned past_count, past_left_out; /* left_out: more than there is room for */
};

/* A rolling deployment on ECS: the only kind that the circuit breaker watches. */
bool time_plan_has_breaker(const struct time_plan *plan);

/* Which change frees a stuck deployment with the smaller step: the larger maximumPercent (true), or the smaller
 * minimumHealthyPercent. A minimum of 0 is not the smaller step: no task would serve. */
bool time_plan_frees_by_max(const struct time_plan *plan);

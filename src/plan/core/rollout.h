/* SPDX-License-Identifier: MIT */
/* A deployment as it would run: which tasks start and stop when, and what follows from that. All moments are
 * milliseconds since its start. */
#pragma once

#include "plan/core/plan_inputs.h"

#define ROLLOUT_NEVER INT64_MAX

/* Tasks that do the same at the same time. Of new ones: ordered at from, count as healthy at to. Of old ones:
 * ordered to stop at from (deregistered first, where there is a load balancer), gone at to. */
struct rollout_batch {
	int64_t from, to;
	int64_t count;
};

/* A stretch of a blue/green deployment, or of a wait that no task shows. */
enum rollout_phase_kind {
	ROLLOUT_SCALE_UP,
	ROLLOUT_HOOKS,
	ROLLOUT_CANARY, /* part of the traffic on the new tasks */
	ROLLOUT_STEPS, /* a growing part */
	ROLLOUT_BAKE,
	ROLLOUT_CLEAN_UP,
	ROLLOUT_MONITOR,
	ROLLOUT_PHASE_COUNT,
};

struct rollout_phase {
	enum rollout_phase_kind kind;
	int64_t from, to;
};

#define ROLLOUT_MAX_PHASES 8

/* How long one task takes, by its parts. */
struct rollout_task {
	int64_t start; /* pull and boot */
	int64_t healthy; /* from then on until it counts as healthy */
	int64_t drain; /* deregistration or preStop */
	int64_t stop; /* from the stop signal to the exit */
};

struct rollout {
	bool is_stuck; /* no task may stop, none may start: no moment below is one */
	int64_t tasks, least_healthy,
		most_running; /* least_healthy: of all tasks, at the worst moment */
	int64_t floor, ceiling; /* what the settings allow: healthy at least, running at most */
	int64_t batch, waves; /* by these: tasks at once, and how often */
	struct rollout_task task;

	int64_t all_new; /* all new tasks are healthy */
	int64_t all_traffic; /* the new tasks have all traffic */
	int64_t complete; /* the platform calls the deployment completed */
	int64_t old_gone; /* the last old task has exited */

	struct rollout_batch started[PLAN_MAX_TASKS],
		stopped[PLAN_MAX_TASKS]; /* in order of from */
	unsigned started_count, stopped_count;
	struct rollout_phase phases[ROLLOUT_MAX_PHASES];
	unsigned phase_count;
};

const char *rollout_phase_name(enum rollout_phase_kind kind); /* "scale_up" */
int64_t rollout_ceil_div(int64_t a, int64_t b); /* a from 0, b from 1 */

/* For the platforms' own files. */
void rollout_add_started(struct rollout *rollout, int64_t from, int64_t to, int64_t count);
void rollout_add_stopped(struct rollout *rollout, int64_t from, int64_t to, int64_t count);
void rollout_add_phase(
	struct rollout *rollout, enum rollout_phase_kind kind, int64_t from, int64_t to);

/* Fills all_new, old_gone, most_running and least_healthy from the batches, and all_traffic and complete
 * where they are not set yet (0). */
void rollout_finish(struct rollout *rollout);

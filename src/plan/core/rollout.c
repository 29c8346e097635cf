/* SPDX-License-Identifier: MIT */
#include "plan/core/rollout.h"

#include <assert.h>

int64_t rollout_ceil_div(int64_t a, int64_t b)
{
	return a / b + (a % b != 0);
}

const char *rollout_phase_name(enum rollout_phase_kind kind)
{
	static const char *const names[] = {
		[ROLLOUT_SCALE_UP] = "scale_up",
		[ROLLOUT_HOOKS] = "hooks",
		[ROLLOUT_CANARY] = "canary",
		[ROLLOUT_STEPS] = "steps",
		[ROLLOUT_BAKE] = "bake",
		[ROLLOUT_CLEAN_UP] = "clean_up",
		[ROLLOUT_MONITOR] = "monitor",
	};

	_Static_assert(sizeof names / sizeof *names == ROLLOUT_PHASE_COUNT, "one name each");
	return names[kind];
}

void rollout_add_started(struct rollout *rollout, int64_t from, int64_t to, int64_t count)
{
	assert(rollout->started_count < PLAN_MAX_TASKS);
	rollout->started[rollout->started_count++] = (struct rollout_batch){from, to, count};
}

void rollout_add_stopped(struct rollout *rollout, int64_t from, int64_t to, int64_t count)
{
	assert(rollout->stopped_count < PLAN_MAX_TASKS);
	rollout->stopped[rollout->stopped_count++] = (struct rollout_batch){from, to, count};
}

/* An empty phase is none. */
void rollout_add_phase(
	struct rollout *rollout, enum rollout_phase_kind kind, int64_t from, int64_t to)
{
	if (from == to)
		return;
	assert(rollout->phase_count < ROLLOUT_MAX_PHASES);
	rollout->phases[rollout->phase_count++] = (struct rollout_phase){kind, from, to};
}

/* Tasks that exist, at each moment at which some are added. A task that is gone at that moment makes room. */
static int64_t most_running(const struct rollout *r)
{
	int64_t running = r->tasks, most = r->tasks;
	unsigned gone = 0;

	for (unsigned i = 0; i < r->started_count; i++) {
		while (gone < r->stopped_count && r->stopped[gone].to <= r->started[i].from)
			running -= r->stopped[gone++].count;
		running += r->started[i].count;
		if (running > most)
			most = running;
	}
	return most;
}

/* Tasks that take traffic, at each moment at which some stop to. A task that is healthy by then counts. */
static int64_t least_healthy(const struct rollout *r)
{
	int64_t healthy = r->tasks, least = r->tasks;
	unsigned ready = 0;

	for (unsigned i = 0; i < r->stopped_count; i++) {
		while (ready < r->started_count && r->started[ready].to <= r->stopped[i].from)
			healthy += r->started[ready++].count;
		healthy -= r->stopped[i].count;
		if (healthy < least)
			least = healthy;
	}
	return least;
}

void rollout_finish(struct rollout *r)
{
	r->all_new = r->old_gone = 0;
	for (unsigned i = 0; i < r->started_count; i++) {
		if (r->started[i].to > r->all_new)
			r->all_new = r->started[i].to;
	}
	for (unsigned i = 0; i < r->stopped_count; i++) {
		if (r->stopped[i].to > r->old_gone)
			r->old_gone = r->stopped[i].to;
	}
	if (r->all_traffic == 0)
		r->all_traffic = r->all_new;
	if (r->complete == 0)
		r->complete = r->old_gone > r->all_new ? r->old_gone : r->all_new;
	r->most_running = most_running(r);
	r->least_healthy = least_healthy(r);
}

/* SPDX-License-Identifier: MIT */
#include "plan/output/gantt.h"

#include <stdio.h>

static int64_t nice_tick(int64_t end, unsigned ticks)
{
	static const int64_t steps[] = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600,
		7200, 14400, 21600, 43200, 86400, 172800, 604800};
	const size_t count = sizeof steps / sizeof *steps;
	int64_t tick;

	for (size_t i = 0; i < count; i++) {
		if (steps[i] * 1000 * ticks >= end)
			return steps[i] * 1000;
	}
	tick = steps[count - 1] * 1000;
	while (tick * ticks < end)
		tick *= 2;
	return tick;
}

static void add_row(struct gantt *g, const struct rollout_batch *batch, bool is_old, int64_t first)
{
	g->rows[g->row_count++] = (struct gantt_row){.is_old = is_old,
		.first = first,
		.last = first + batch->count - 1,
		.batch = *batch};
}

/* Walks both lists in the order in which things happen. */
struct walk {
	const struct rollout *r;
	unsigned next_new, next_old;
	int64_t new_tasks, old_tasks;
};

static bool take_next(struct walk *w, struct rollout_batch *batch, bool *is_old, int64_t *first)
{
	const bool has_new = w->next_new < w->r->started_count;
	const bool has_old = w->next_old < w->r->stopped_count;
	int64_t *tasks;

	if (!has_new && !has_old)
		return false;
	*is_old = has_old &&
		  (!has_new || w->r->stopped[w->next_old].from < w->r->started[w->next_new].from);
	*batch = *is_old ? w->r->stopped[w->next_old++] : w->r->started[w->next_new++];
	tasks = *is_old ? &w->old_tasks : &w->new_tasks;
	*first = *tasks + 1;
	*tasks += batch->count;
	return true;
}

static void add_gap(struct gantt *g, int64_t batches)
{
	if (batches > 0)
		g->rows[g->row_count++] = (struct gantt_row){.is_gap = true, .last = batches};
}

static void add_rows(struct gantt *g, const struct rollout *r, unsigned max_rows)
{
	const unsigned total = r->started_count + r->stopped_count;
	const unsigned tail = total > max_rows ? max_rows / 3 : 0;
	const unsigned head = total > max_rows ? max_rows - 1 - tail : total;
	struct walk walk = {.r = r};
	struct rollout_batch batch;
	int64_t first;
	bool is_old;

	for (unsigned i = 0; take_next(&walk, &batch, &is_old, &first); i++) {
		if (i == head)
			add_gap(g, total - head - tail);
		if (i < head || i >= total - tail)
			add_row(g, &batch, is_old, first);
	}
}

void gantt_make(struct gantt *g, const struct rollout *r, unsigned max_rows, unsigned ticks)
{
	*g = (struct gantt){.task = r->task, .end = r->complete};
	if (r->old_gone > g->end)
		g->end = r->old_gone;
	if (r->all_new > g->end)
		g->end = r->all_new;
	if (g->end < 1)
		g->end = 1;
	g->tick = nice_tick(g->end, ticks);
	add_rows(g, r, max_rows);
}

struct gantt_span gantt_span(
	const struct gantt *g, const struct gantt_row *row, enum gantt_state state)
{
	const int64_t from = row->batch.from, to = row->batch.to;
	const int64_t started = from + g->task.start, drained = from + g->task.drain;

	switch (state) {
	case GANTT_STARTING:
		return row->is_old ? (struct gantt_span){0, 0} : (struct gantt_span){from, started};
	case GANTT_CHECKED:
		return row->is_old ? (struct gantt_span){0, 0} : (struct gantt_span){started, to};
	case GANTT_SERVING:
		return row->is_old ? (struct gantt_span){0, from} : (struct gantt_span){to, g->end};
	case GANTT_DRAINING:
		return row->is_old ? (struct gantt_span){from, drained} : (struct gantt_span){0, 0};
	case GANTT_STOPPING:
		return row->is_old ? (struct gantt_span){drained, to} : (struct gantt_span){0, 0};
	case GANTT_NONE:
	case GANTT_STATE_COUNT:
		break;
	}
	return (struct gantt_span){0, 0};
}

enum gantt_state gantt_state_at(const struct gantt *g, const struct gantt_row *row, int64_t at)
{
	for (unsigned s = GANTT_STARTING; s < GANTT_STATE_COUNT && !row->is_gap; s++) {
		const struct gantt_span span = gantt_span(g, row, s);

		if (at >= span.from && at < span.to)
			return s;
	}
	return GANTT_NONE;
}

const char *gantt_state_label(enum gantt_state state, enum plan_platform platform)
{
	static const char *const labels[] = {
		[GANTT_NONE] = "",
		[GANTT_STARTING] = "starting",
		[GANTT_CHECKED] = "health checks",
		[GANTT_SERVING] = "serving",
		[GANTT_DRAINING] = "deregistering",
		[GANTT_STOPPING] = "stopping",
	};

	_Static_assert(sizeof labels / sizeof *labels == GANTT_STATE_COUNT, "one label each");
	if (state == GANTT_DRAINING && platform != PLAN_ECS)
		return "preStop";
	return labels[state];
}

const char *gantt_row_label(const struct gantt_row *row, char buf[static GANTT_ROW_LABEL_BYTES])
{
	const char *side = row->is_old ? "old" : "new";

	if (row->first == row->last)
		(void)snprintf(buf, GANTT_ROW_LABEL_BYTES, "%s %d", side, (int)row->first);
	else
		(void)snprintf(buf, GANTT_ROW_LABEL_BYTES, "%s %d-%d", side, (int)row->first,
			(int)row->last);
	return buf;
}

const char *gantt_phase_label(enum rollout_phase_kind kind)
{
	static const char *const labels[] = {
		[ROLLOUT_SCALE_UP] = "scale up",
		[ROLLOUT_HOOKS] = "hooks",
		[ROLLOUT_CANARY] = "canary",
		[ROLLOUT_STEPS] = "steps",
		[ROLLOUT_BAKE] = "bake",
		[ROLLOUT_CLEAN_UP] = "clean up",
		[ROLLOUT_MONITOR] = "monitor",
	};

	_Static_assert(sizeof labels / sizeof *labels == ROLLOUT_PHASE_COUNT, "one label each");
	return labels[kind];
}

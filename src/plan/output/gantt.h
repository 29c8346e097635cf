/* SPDX-License-Identifier: MIT */
/* The rows of a deployment's timeline: one for each batch of tasks, for text and pictures alike. */
#pragma once

#include "plan/core/rollout.h"

#include <stdbool.h>

#define GANTT_MAX_ROWS 40

enum gantt_state {
	GANTT_NONE, /* not started, or gone */
	GANTT_STARTING, /* pull and boot */
	GANTT_CHECKED, /* until the health checks are passed */
	GANTT_SERVING,
	GANTT_DRAINING, /* deregistration, preStop */
	GANTT_STOPPING,
	GANTT_STATE_COUNT,
};

struct gantt_row {
	bool is_old, is_gap; /* is_gap: stands for the batches that are left out */
	int64_t first, last; /* the tasks, counted from 1; of a gap: how many batches, in last */
	struct rollout_batch batch;
};

struct gantt {
	struct rollout_task task;
	int64_t end; /* of the axis */
	int64_t tick; /* between two labels of the axis */
	unsigned row_count;
	struct gantt_row rows[GANTT_MAX_ROWS];
};

/* Of a rollout that is not stuck. At most max_rows rows (4 to GANTT_MAX_ROWS); where there are more batches, those in the middle are left out.
 * ticks: how many labels the axis has room for. */
void gantt_make(
	struct gantt *ret_gantt, const struct rollout *rollout, unsigned max_rows, unsigned ticks);

enum gantt_state gantt_state_at(const struct gantt *gantt, const struct gantt_row *row, int64_t at);

/* A state's part of a row; from and to are the same where it has none. */
struct gantt_span {
	int64_t from, to;
};
struct gantt_span gantt_span(
	const struct gantt *gantt, const struct gantt_row *row, enum gantt_state state);

/* "old 3", "new 4-6": the tasks of a row that is no gap. Returns buf. */
#define GANTT_ROW_LABEL_BYTES 48
const char *gantt_row_label(const struct gantt_row *row, char buf[static GANTT_ROW_LABEL_BYTES]);

const char *gantt_state_label(enum gantt_state state, enum plan_platform platform);
const char *gantt_phase_label(enum rollout_phase_kind kind); /* "bake" */

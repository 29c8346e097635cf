/* SPDX-License-Identifier: MIT */
/* What a drill is doing, on stderr: a bar where it is a terminal, a line a run where it is a log. */
#pragma once

#include "drill/core/run.h"
#include "drill/load/load.h"

enum progress_stage {
	PROGRESS_STARTING,
	PROGRESS_LOADING,
	PROGRESS_STOPPING,
	PROGRESS_FINISHING, /* the target has gone, answers may still be under way */
	PROGRESS_STAGE_COUNT,
};

struct progress {
	struct ev_loop *loop;
	ev_timer tick;
	bool is_off, is_terminal, is_control;
	unsigned run, runs;
	enum progress_stage stage;
	int64_t stage_began_us;
	const struct load *load; /* NULL: none */
};

void progress_init(struct progress *progress, struct ev_loop *loop, bool is_off);
void progress_done(struct progress *progress);

/* number 0 is the control. */
void progress_begin_run(struct progress *progress, unsigned number, unsigned runs);
void progress_enter(struct progress *progress, enum progress_stage stage, const struct load *load);
void progress_end_run(struct progress *progress, const struct run *run);

/* Takes the bar away, so that another line can be written. */
void progress_clear(struct progress *progress);

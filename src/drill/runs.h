/* SPDX-License-Identifier: MIT */
/* All runs of a drill, the control before them, and what they come to. */
#pragma once

#include "drill/core/drill_result.h"
#include "drill/cli/drill_options.h"
#include "drill/server/event_wait.h"

/* Runs the control, where there is one, and as many runs as asked for; ends early, with what there is,
 * when the user wants it. Fills *result, judged, for runs_done. Returns 0; -EINTR after an early end; or
 * another -errno with one line in *error when a target could not be started or reached: what was
 * finished before that is in the result. */
int runs_execute(const struct drill_options *options, struct event_wait *wait,
	struct drill_result *result, struct text *error);
void runs_done(struct drill_result *result);

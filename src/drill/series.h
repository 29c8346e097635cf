/* SPDX-License-Identifier: MIT */
/* All runs of a drill, the control before them, and what they come to. */
#pragma once

#include "drill/core/drill_result.h"
#include "drill/drill_options.h"
#include "drill/waiter.h"

/* Runs the control, where there is one, and as many runs as asked for; ends early, with what there is,
 * when the user wants it. Fills *result, judged, for series_done. Returns 0; -EINTR after an early end; or
 * another -errno with one line in *error when a target could not be started or reached: what was
 * finished before that is in the result. */
int series_run(const struct drill_options *options, struct waiter *waiter,
	struct drill_result *result, struct text *error);
void series_done(struct drill_result *result);

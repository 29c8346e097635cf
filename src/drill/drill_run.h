/* SPDX-License-Identifier: MIT */
/* One run: start the target, put it under load, stop it when the load is in it, and see what becomes
 * of everything. */
#pragma once

#include "drill/cli/drill_options.h"
#include "drill/output/progress.h"

/* What a run is about, and its numbers. */
struct drill_run_order {
	const struct drill_options *options;
	const struct server_settings *server;
	const char *url;
	bool is_control; /* the health endpoint is not its */
};

/* Fills *run, whose attempts are the caller's to free. Returns 0; -EINTR when the user wanted an end, or
 * another -errno with one line in *error when the target could not be started or reached: then the
 * run is not one. A run that says nothing says why in its error. */
int drill_run_execute(const struct drill_run_order *order, struct event_wait *wait,
	struct progress *progress, struct run *run, struct text *error);

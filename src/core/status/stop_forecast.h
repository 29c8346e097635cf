/* SPDX-License-Identifier: MIT */
/* What a stop that began now would wait for, and for how long; or what is left of the stop under way. The stop plan
 * itself is asked: a copy of it takes the stop signal. */
#pragma once

#include "core/stop/stop_plan.h"
#include "core/tcp/tracker_state.h"

enum stop_waits {
	STOP_WAITS_NOTHING, /* the application is gone, and so is all else */
	STOP_WAITS_WORK, /* connections hold the drain */
	STOP_WAITS_BLIND, /* the same, but they cannot be seen */
	STOP_WAITS_MINIMUM, /* nothing is in flight, and it serves on: --min-drain, --quiet-period */
	STOP_WAITS_APP, /* the application is signalled, and has to exit */
	STOP_WAITS_OTHERS, /* processes besides the main one have to exit */
	STOP_WAITS_KILL, /* SIGKILL was sent */
	STOP_WAITS_BYTES, /* clients have to acknowledge what was sent */
	STOP_WAITS_COUNT,
};

struct stop_forecast {
	bool is_under_way; /* a stop */
	enum stop_waits waits_for; /* first */
	bool is_cut_off; /* the application is signalled with work in flight, or what may be some */
	msec_t at_least, at_most; /* for what it waits first */
	msec_t kill_in; /* until SIGKILL, at the latest */
	msec_t exit_in; /* until lastcall exits, at the latest */
};

/* The facts and the counts are those of a poll at `now`. */
struct stop_forecast stop_forecast_of(const struct stop_plan *plan, const struct stop_facts *facts,
	const struct conn_counts *counts, msec_t now);

const char *stop_waits_name(enum stop_waits waits);

/* SPDX-License-Identifier: MIT */
/* The state that the parts of a stop share: the options, the plan, the application, its connections and the
 * signals. The supervisor initialises it; each other part reads it, and writes its own fields. */
#pragma once

#include "core/cli/options.h"
#include "core/stop/stop_plan.h"
#include "core/report/timeline.h"
#include "core/report/waited_for.h"
#include "lastcall/app.h"
#include "lastcall/connection_watch.h"
#include "lastcall/log.h"
#include "lastcall/notify.h"

/* Facts for the report that no other part keeps. */
struct stop_history {
	int64_t stopped_unix_ms;
	unsigned open_at_stop, accept_queue_at_stop;
	bool unseen_at_stop; /* what was in flight: the application ended by itself, before the stop or at most RECENT_ENDS_MS after it; or the first poll failed */
	enum waited_for waited_for; /* by an application that was killed */
	msec_t idle_ms; /* before that; MSEC_NEVER: it was not idle */
	msec_t first_cut_at; /* when work was first seen to be cut; MSEC_NEVER: was not */
	struct timeline timeline;
};

/* Log lines that appear once, or at intervals (stop_log.h). */
struct stop_said {
	bool doubt, may_not_signal;
	msec_t progress_at;
};

struct stop {
	const struct options *options;
	const char *container; /* the variable of that name, or NULL */
	struct label_list labels; /* the options', and the platform's once they are known */
	struct log *log;
	struct connection_watch *watch;
	struct stop_plan plan;
	struct app app;
	struct notify notify;

	unsigned stop_signals, hurries; /* hurries: those that ask for the next step */
	int stop_signal; /* with which the stop began; 0: with none */

	struct stop_history history;
	struct stop_said said;
};

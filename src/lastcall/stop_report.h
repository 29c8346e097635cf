/* SPDX-License-Identifier: MIT */
/* Gathers what happened into the report and writes it out, bit by bit if it has to be. */
#pragma once

#include "core/stop_plan.h"
#include "core/timeline.h"
#include "lastcall/app.h"
#include "lastcall/connection_watch.h"
#include "lastcall/http_server.h"
#include "sys/report_sink.h"

/* What the supervisor has seen that no other part remembers. */
struct stop_history {
	int64_t stopped_unix_ms;
	unsigned open_at_stop, accept_queue_at_stop;
	bool app_ended_unseen; /* before the first look: nobody saw what was in flight */
	bool died_with_work; /* at once when it was told, with connections busy */
	enum waited_for waited_for; /* by an application that was killed */
	msec_t idle_ms; /* before that; MSEC_NEVER: it was not idle */
	struct timeline timeline;
};

struct stop_report_input {
	const struct options *options;
	const struct stop_plan *plan; /* DONE */
	const struct connection_watch *watch;
	const struct stop_history *history;
	struct http_server_counts health;
	const struct app *app;
	int stop_signal; /* 0: none arrived */
	uint32_t degraded; /* bits that were known before the application started */
	bool is_subreaper;
};

struct stop_report {
	struct report_sink *sink;
	size_t len, written;
	char line[REPORT_MAX_BYTES];
	char summary[512];
};

void stop_report_prepare(struct stop_report *ret_report, struct report_sink *sink,
	const struct stop_report_input *input);

/* Writes what is still to be written. Returns 0 when all is, -EAGAIN when it has to be tried again once
 * the descriptor is writable, or another -errno. */
int stop_report_write(struct stop_report *report);

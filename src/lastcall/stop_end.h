/* SPDX-License-Identifier: MIT */
/* The end of a stop: waits for the last events of the connections, judges what became of them, and writes the report,
 * piece by piece where its reader is slow. */
#pragma once

#include "lastcall/http_server.h"
#include "lastcall/stop.h"
#include "lastcall/report_outputs.h"

#include <ev.h>

struct stop_end {
	/* the supervisor's */
	struct stop *stop;
	struct ev_loop *loop;
	const struct http_server *http;
	struct report_outputs *outputs;
	uint32_t degraded; /* REPORT_DEGRADED_… bits that were known before */
	bool is_subreaper;

	msec_t finish_by; /* when all is over: until then the last events are waited for */
	bool is_reported; /* the report is made, and perhaps not written yet */
	ev_io watchers[OPTIONS_MAX_REPORTS]; /* of the outputs' descriptors */
};

/* The supervisor's fields are set. */
void stop_end_init(struct stop_end *end);

/* The plan is DONE. To be called again until stop_end_is_over(); the last call also breaks off the event loop. */
void stop_end_conclude(struct stop_end *end, msec_t now);

/* Whether the report is made and written, or lost. */
bool stop_end_is_over(const struct stop_end *end);

/* SPDX-License-Identifier: MIT */
/* Finds lastcall's reports in logs of every kind: lines with or without a prefix (docker logs, compose),
 * lines wrapped as JSON (Docker's json-file, FireLens), exports of CloudWatch (get-log-events, Logs
 * Insights), and reports that jq has broken into lines. */
#pragma once

#include "host/core/self_report.h"

#include <jansson.h>

struct report_search {
	struct self_report *stops;
	size_t count, room;
	size_t repeated; /* the same report again: CloudWatch delivers at least once */
	size_t unnamed; /* what looks like a report and has no schema field, or another: not read */
	size_t broken; /* the beginning of a report, and no whole one: cut by a log driver, say */
	json_t *seen; /* the reports themselves, as keys */

	/* How often each outcome, degradation and diagnosis was reported, by its name. */
	json_t *outcomes, *degraded, *diagnoses;
};

/* Returns 0 or -ENOMEM. */
int report_search_init(struct report_search *search);
void report_search_done(struct report_search *search);

/* Adds the reports in these bytes. Returns 0 or -ENOMEM. */
int report_search_text(struct report_search *search, const char *text, size_t len);

/* SPDX-License-Identifier: MIT */
/* Fills in the report and writes it, in pieces if its reader is slow. */
#pragma once

#include "core/report/report.h"
#include "lastcall/http_server.h"
#include "lastcall/stop.h"
#include "sys/report_sink.h"

struct stop_report_input {
	const struct stop *stop; /* its plan is DONE */
	struct http_server_counts health;
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

/* Writes the rest of the report. Returns 0 when all is written, -EAGAIN to try again once the descriptor is
 * writable, or another -errno. */
int stop_report_write(struct stop_report *report);

/* SPDX-License-Identifier: MIT */
/* Gathers what happened into the report and writes it out, bit by bit if it has to be. */
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

/* Writes what is still to be written. Returns 0 when all is, -EAGAIN when it has to be tried again once
 * the descriptor is writable, or another -errno. */
int stop_report_write(struct stop_report *report);

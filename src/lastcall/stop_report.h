/* SPDX-License-Identifier: MIT */
/* Fills in the report from the facts of the stop. */
#pragma once

#include "core/report/report.h"
#include "lastcall/http_server.h"
#include "lastcall/stop.h"

struct stop_report_input {
	const struct stop *stop; /* its plan is DONE */
	struct http_server_counts health;
	uint32_t degraded; /* bits that were known before the application started */
	bool is_subreaper;
};

void stop_report_fill(const struct stop_report_input *input, struct report *ret_report);

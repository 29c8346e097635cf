/* SPDX-License-Identifier: MIT */
/* lastcall's report of one stop, and how it compares with what the client saw: inside the
 * container lastcall sees sockets, and bytes that the kernel took; the client sees what arrived. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SELF_REPORT_UNKNOWN INT64_MIN /* null in the report, or not in it */

/* What is used of it (docs/report.schema.json). Numbers may be SELF_REPORT_UNKNOWN; only headroom_ms can
 * be below 0 otherwise. */
struct self_report {
	bool was_found;
	bool was_asked; /* a stop signal came; else the application ended by itself */
	bool timeout_is_guess; /* the stop timeout is the platform's default */
	char outcome[32]; /* "drained", … */
	int64_t busy_at_stop, open_at_stop, finished, cut, unknown, arrived_after_stop;
	int64_t lost_bytes, flushed_bytes, accept_queue_lost;
	int64_t total_ms, drain_ms, longest_ms, headroom_ms, margin_ms;
};

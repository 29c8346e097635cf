/* SPDX-License-Identifier: MIT */
/* What /metrics says: a moment's numbers, as Prometheus' text format 0.0.4 or as OpenMetrics 1.0.0.
 * Values in, bytes out. Both have the same names and labels. */
#pragma once

#include "core/http/health.h"
#include "core/text/label_list.h"

#include <stdint.h>

struct metrics {
	const char *version;
	const struct label_list *labels; /* NULL: none */
	enum health_state state;
	bool connections_known; /* else the next seven say nothing, and are left out */
	unsigned busy, unsure, recent,
		idle; /* connections of the application; together: all that are open */
	unsigned unaccepted; /* of the busy ones, those in the accept queue */
	uint64_t undelivered_bytes;
	msec_t age_ms; /* as in struct health_status */
	unsigned jobs; /* that the application declares */
	msec_t deadline_ms; /* as in struct health_status */
	int64_t app_started_unix_ms;
	uint64_t reaped; /* orphans */
	bool asks_for_protection; /* --protect: else the next one is left out */
	bool is_protected; /* the task, from scale-in */
	uint64_t refused; /* as in struct http_server_counts */
	const uint64_t *answers; /* by status, METRICS_STATUS_COUNT of them from 200 on */
};

#define METRICS_STATUS_COUNT 400

/* Room for any answer of metrics_answer. */
#define METRICS_ANSWER_BYTES 10240

/* Writes the whole answer, header and body. Which format it has, the request's Accept header says.
 * Returns the answer's length. */
size_t metrics_answer(
	char *buf, size_t cap, const struct http_request *request, const struct metrics *metrics);

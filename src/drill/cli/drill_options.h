/* SPDX-License-Identifier: MIT */
/* What a drill was asked for, as read from its command line. */
#pragma once

#include "drill/core/drill_profile.h"
#include "drill/core/thresholds.h"
#include "drill/load/load_settings.h"
#include "drill/server/server.h"

enum drill_output {
	DRILL_OUTPUT_JSON,
	DRILL_OUTPUT_NDJSON,
	DRILL_OUTPUT_JUNIT,
	DRILL_OUTPUT_MARKDOWN,
	DRILL_OUTPUT_OPENMETRICS,
	DRILL_OUTPUT_SVG,
	DRILL_OUTPUT_PNG,
	DRILL_OUTPUT_COUNT,
};

#define DRILL_MAX_HEADER_BYTES 4096
#define DRILL_MAX_METHOD_BYTES 256
#define DRILL_MAX_DATA_BYTES (1 << 20) /* that a file may have */

/* Times in microseconds, unless their name says seconds. */
struct drill_options {
	bool help, version, quiet, verbose;

	const char *url, *health_url;
	bool allow_remote, insecure, is_http2;
	const char *cacert, *cert, *key, *unix_socket;
	struct target_detour detours[TARGET_MAX_DETOURS]; /* --connect-to */
	unsigned detour_count;
	const char *expect_body; /* an extended regular expression; NULL: none */
	char headers[DRILL_MAX_HEADER_BYTES]; /* each with its CRLF */

	struct request_form form; /* its headers are those above */
	struct server_settings server;
	bool is_docker_run;
	const char *lastcall_report;

	struct load_request in_flight[LOAD_MAX_IN_FLIGHT]; /* path, and which way its body goes */
	unsigned in_flight_kinds;
	char grpc_paths[LOAD_MAX_IN_FLIGHT]
		       [DRILL_MAX_METHOD_BYTES]; /* of the kinds that are calls */
	unsigned in_flight_requests, keep_alive, preconnected, burst;
	double new_per_s;
	int64_t keep_alive_offsets_us[LOAD_MAX_OFFSETS];
	unsigned keep_alive_offset_count;
	int64_t read_bytes_per_s, upload_bytes, upload_bytes_per_s;
	enum body_pattern body;
	int64_t response_timeout_us, stall_timeout_us;

	unsigned runs; /* 0: what suits the target */
	int64_t health_timeout_us;
	unsigned health_threshold;
	int expect_status; /* 0: as before the stop */
	const struct drill_profile *profile; /* NULL: none */
	const char *control_line, *control_url;
	struct thresholds thresholds;
	double lb_window_s, min_drain_s;

	const char *outputs[DRILL_OUTPUT_COUNT]; /* a path, or "-"; NULL: not asked for */
};

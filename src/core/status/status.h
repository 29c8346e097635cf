/* SPDX-License-Identifier: MIT */
/* What `lastcall --status` shows: values in, text or JSON out. docs/status.schema.json describes the JSON. */
#pragma once

#include "core/cli/options.h"
#include "core/http/health.h"
#include "core/report/report.h"
#include "core/status/connection_list.h"
#include "core/status/stop_forecast.h"

#define STATUS_NAME_BYTES 64

struct status {
	const char *version;
	struct stop_forecast forecast;

	enum health_state state;
	msec_t since_ms; /* how long it has been in this state */
	const char *reason; /* why it is not serving; "" where there is nothing to say */

	int app_pid; /* 0: it has exited */
	char app_name[STATUS_NAME_BYTES]; /* its first argument, as far as there is room */

	bool is_notify_open; /* the application can say these of itself */
	bool is_ready, is_stopping;
	const char *says; /* STATUS=; "": nothing */
	unsigned jobs; /* that its processes have declared */

	enum report_detector detector;
	bool connections_known;
	struct conn_counts counts; /* of the last poll */
	struct connection_list connections; /* the same */
	msec_t polled_ms_ago; /* below 0: never */
	const struct port_set *ports; /* the application's */

	const struct options *options;
	const struct stop_plan *plan; /* its budget and its settings */
	const struct label_list *labels;
};

/* Room for either form. */
#define STATUS_BYTES 7680

/* As people read it, in lines of 80 columns. */
void status_write_text(struct text *text, const struct status *status);

/* One line of JSON, always a whole one: labels and settings that do not fit are left out and counted. */
void status_write_json(struct text *text, const struct status *status);

/* A key that changes when anything but a time or a count of bytes has changed: for clients that show changes. */
uint64_t status_key(const struct status *status);

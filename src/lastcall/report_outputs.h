/* SPDX-License-Identifier: MIT */
/* The destinations of the report: opened before the application starts, and written at the end, each in its own
 * format and in pieces where its reader is slow. */
#pragma once

#include "core/report/report.h"
#include "core/cli/options.h"
#include "lastcall/log.h"
#include "sys/report_sink.h"

struct report_output {
	const struct report_destination *destination;
	struct report_sink sink; /* fd -1: nothing is written */
	const char *bytes; /* its report, once it is made */
	size_t len, written;
};

struct report_outputs {
	size_t count;
	struct report_output list[OPTIONS_MAX_REPORTS];

	/* The report in each form that a destination asks for; the others are untouched. */
	char json[REPORT_MAX_BYTES];
	char short_json[REPORT_TERMINATION_LOG_BYTES];
	char text[REPORT_TEXT_BYTES];
	char emf[REPORT_EMF_BYTES];
};

/* Opens all. Those that were opened remain open after a failure. Returns 0, or -errno after logging which
 * destination cannot be written. */
int report_outputs_open(
	struct report_outputs *outputs, const struct options *options, struct log *log);
void report_outputs_close(struct report_outputs *outputs);

/* Turns the report into what each destination gets. */
void report_outputs_make(struct report_outputs *outputs, const struct report *report);

/* Writes the rest of one. Returns 0 when all is written, -EAGAIN to try again once the descriptor is writable,
 * or another -errno; then nothing more is written. */
int report_output_write(struct report_output *output);

/* SPDX-License-Identifier: MIT */
/* The log on stderr: one line an event, written at the place that decides, never waited for. */
#pragma once

#include "core/options.h"
#include "sys/report_sink.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_VERBOSE };

struct log {
	struct report_sink sink;
	enum log_format format;
	enum log_level level;
	unsigned long dropped; /* lines that a full stderr did not take */
};

/* Without a usable stderr, the log is silent. */
void log_open(struct log *ret_log, const struct options *options);
void log_close(struct log *log);

/* event names the line for machines ("drain_started"); the message is for people. Keeps errno. */
void log_event(struct log *log, enum log_level level, const char *event, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

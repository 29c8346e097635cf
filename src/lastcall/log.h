/* SPDX-License-Identifier: MIT */
/* The log on stderr: one line an event, written at the place that decides, never waited for. */
#pragma once

#include "core/cli/options.h"
#include "sys/report_sink.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_VERBOSE };

#define LOG_HELD_BYTES 2048

struct log {
	struct report_sink sink;
	enum log_format format;
	enum log_level level;
	unsigned long dropped; /* lines that a full stderr did not take */
	bool holds;
	enum log_level held_from;
	size_t held_len;
	char held[LOG_HELD_BYTES];
};

/* Without a usable stderr, the log is silent. */
void log_open(struct log *ret_log, const struct options *options);
void log_close(struct log *log);

/* From here on, lines of this level and below are kept back until log_release, until a more important line, or
 * until the buffer is full: a command that has nothing to drain logs nothing. Does nothing with
 * --verbose. */
void log_hold(struct log *log, enum log_level from);

/* Writes the lines that were kept back, and keeps no more lines back. */
void log_release(struct log *log);

/* Drops the lines that were kept back, and still keeps lines back. */
void log_forget_held(struct log *log);

/* event names the line for machines ("drain_started"); the message is for people. Keeps errno. */
void log_event(struct log *log, enum log_level level, const char *event, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

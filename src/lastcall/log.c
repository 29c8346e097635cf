/* SPDX-License-Identifier: MIT */
#include "lastcall/log.h"

#include "core/text/json_text.h"
#include "core/text/time_text.h"
#include "sys/fd.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define LINE_BYTES 2048 /* below PIPE_BUF: a line is not mixed with the application's */
#define MESSAGE_BYTES 1024 /* JSON may need up to six bytes for one, and cuts */

void log_open(struct log *ret_log, const struct options *options)
{
	*ret_log = (struct log){
		.sink = {.fd = -1},
		.format = options->log_format,
		.level = options->quiet     ? LOG_WARNING
			 : options->verbose ? LOG_VERBOSE
					    : LOG_INFO,
	};
	if (!fd_is_inherited(STDERR_FILENO) ||
		report_sink_open_fd(STDERR_FILENO, &ret_log->sink) < 0)
		ret_log->sink.fd = -1;
}

void log_close(struct log *log)
{
	report_sink_close(&log->sink);
}

static void write_text(struct text *line, enum log_level level, const char *message)
{
	static const char prefixes[][sizeof "warning: "] = {
		[LOG_ERROR] = "error: ",
		[LOG_WARNING] = "warning: ",
		[LOG_INFO] = "",
		[LOG_VERBOSE] = "",
	};

	text_printf(line, "lastcall: %s", prefixes[level]);
	/* one event, one line, whatever a name or an argument contained */
	for (; *message != '\0'; message++)
		text_add_char(line, *message < ' ' && *message >= 0 ? ' ' : *message);
}

static void write_json(
	struct text *line, enum log_level level, const char *event, const char *message)
{
	static const char names[][sizeof "warning"] = {
		[LOG_ERROR] = "error",
		[LOG_WARNING] = "warning",
		[LOG_INFO] = "info",
		[LOG_VERBOSE] = "debug",
	};

	text_add(line, "{\"at\":\"");
	text_add_time(line, wallclock_unix_ms());
	text_printf(line,
		"\",\"program\":\"lastcall\",\"level\":\"%s\",\"event\":\"%s\",\"message\":",
		names[level], event);
	text_add_json(line, message);
	text_add(line, "}");
}

static void write_line(struct log *log, const char *bytes, size_t len)
{
	if (report_sink_write_all(&log->sink, bytes, len) < 0)
		log->dropped++;
}

void log_hold(struct log *log, enum log_level from)
{
	log->holds = log->level < LOG_VERBOSE;
	log->held_from = from;
}

void log_release(struct log *log)
{
	char *at = log->held, *end = log->held + log->held_len;

	log->holds = false;
	while (at < end) {
		char *next = (char *)memchr(at, '\n', (size_t)(end - at)) + 1;

		write_line(log, at, (size_t)(next - at));
		at = next;
	}
	log->held_len = 0;
}

void log_forget_held(struct log *log)
{
	log->held_len = 0;
}

/* Returns whether the line is kept back. */
static bool hold(struct log *log, enum log_level level, const char *bytes, size_t len)
{
	if (!log->holds)
		return false;
	if (level < log->held_from || len > sizeof log->held - log->held_len) {
		log_release(log);
		return false;
	}
	memcpy(log->held + log->held_len, bytes, len);
	log->held_len += len;
	return true;
}

void log_event(struct log *log, enum log_level level, const char *event, const char *format, ...)
{
	char message[MESSAGE_BYTES], bytes[LINE_BYTES];
	int saved_errno = errno;
	struct text line, said;
	va_list args;

	if (level > log->level || log->sink.fd < 0)
		return;
	text_init(&said, message, sizeof message);
	va_start(args, format);
	text_vprintf(&said, format, args);
	va_end(args);
	text_init(&line, bytes, sizeof bytes - 1);
	if (log->format == LOG_FORMAT_JSON) {
		write_json(&line, level, event, message);
		if (line.truncated) { /* half an object is none */
			text_init(&line, bytes, sizeof bytes - 1);
			write_json(&line, level, event, "");
		}
	} else {
		write_text(&line, level, message);
	}
	bytes[line.len] = '\n';
	if (!hold(log, level, bytes, line.len + 1))
		write_line(log, bytes, line.len + 1);
	errno = saved_errno;
}

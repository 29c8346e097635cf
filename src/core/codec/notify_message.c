/* SPDX-License-Identifier: MIT */
#include "core/codec/notify_message.h"

#include "core/text/json_text.h"
#include "core/text/number.h"

#include <errno.h>
#include <string.h>

#define PID_MAX (1 << 22) /* PID_MAX_LIMIT, include/linux/threads.h */
#define USEC_MAX INT64_C(100000000000000000) /* 3,000 years; ten times as much is a number, too */

/* The value where a line begins with NAME=, or NULL. */
static const char *value_of(const char *line, const char *name_and_equals)
{
	size_t len = strlen(name_and_equals);

	return strncmp(line, name_and_equals, len) == 0 ? line + len : NULL;
}

static bool is_line_end(char c)
{
	return c == '\n' || c == '\0';
}

/* A number that is the whole value, or -EINVAL. */
static int64_t take_number(struct notify_message *message, const char *value, int64_t max)
{
	int64_t number = number_take(&value, max);

	if (number >= 0 && is_line_end(*value))
		return number;
	message->has_bad_line = true;
	return -EINVAL;
}

static void take_number_into(
	struct notify_message *message, const char *value, int64_t max, int64_t *ret_number)
{
	int64_t number = take_number(message, value, max);

	if (number >= 0)
		*ret_number = number;
}

static void take_usec(struct notify_message *message, const char *value, msec_t *ret_msec)
{
	int64_t usec = take_number(message, value, USEC_MAX);

	if (usec >= 0)
		*ret_msec = (usec + 999) / 1000;
}

static void take_flag(struct notify_message *message, const char *value, bool *ret_flag)
{
	if (value[0] == '1' && is_line_end(value[1]))
		*ret_flag = true;
	else
		message->has_bad_line = true;
}

static void take_watchdog(struct notify_message *message, const char *value)
{
	static const char trigger[] = "trigger";

	if (strncmp(value, trigger, sizeof trigger - 1) == 0 &&
		is_line_end(value[sizeof trigger - 1]))
		message->watchdog_trigger = true;
	else
		take_flag(message, value, &message->watchdog);
}

static void take_main_pid(struct notify_message *message, const char *value)
{
	int64_t pid = take_number(message, value, PID_MAX);

	if (pid > 1)
		message->main_pid = (int)pid;
	else if (pid >= 0)
		message->has_bad_line = true;
}

static void take_status(struct notify_message *message, const char *value)
{
	struct text status;

	message->has_status = true;
	text_init(&status, message->status, sizeof message->status);
	while (!is_line_end(*value)) {
		size_t len = text_utf8_sequence((const unsigned char *)value);
		bool is_control = (unsigned char)*value < 0x20 || *value == 0x7f;

		if (status.len + (len > 0 ? len : 1) >= status.cap)
			return;
		if (len == 0 || is_control)
			text_add_char(&status, is_control ? ' ' : '?');
		else
			text_add_bytes(&status, value, len);
		value += len > 0 ? len : 1;
	}
}

static void take_line(struct notify_message *message, const char *line)
{
	const char *value;

	if ((value = value_of(line, "READY=")) != NULL)
		take_flag(message, value, &message->ready);
	else if ((value = value_of(line, "STOPPING=")) != NULL)
		take_flag(message, value, &message->stopping);
	else if ((value = value_of(line, "STATUS=")) != NULL)
		take_status(message, value);
	else if ((value = value_of(line, "MAINPID=")) != NULL)
		take_main_pid(message, value);
	else if ((value = value_of(line, "WATCHDOG=")) != NULL)
		take_watchdog(message, value);
	else if ((value = value_of(line, "EXTEND_TIMEOUT_USEC=")) != NULL)
		take_usec(message, value, &message->extend_ms);
	else if ((value = value_of(line, "WATCHDOG_USEC=")) != NULL)
		take_usec(message, value, &message->watchdog_ms);
	else if ((value = value_of(line, "X_LASTCALL_BUSY=")) != NULL)
		take_number_into(message, value, NOTIFY_BUSY_MAX, &message->busy);
}

static const char *next_line(const char *line)
{
	const char *end = strchrnul(line, '\n');

	return *end != '\0' ? end + 1 : end;
}

int notify_message_parse(const char *bytes, size_t len, struct notify_message *ret_message)
{
	struct notify_message message = {.extend_ms = -1, .watchdog_ms = -1, .busy = -1};
	size_t text_len = strlen(bytes);

	if (text_len == 0 || len > NOTIFY_MESSAGE_MAX || (text_len != len && text_len + 1 != len))
		return -EINVAL;
	for (const char *line = bytes; *line != '\0'; line = next_line(line))
		take_line(&message, line);
	*ret_message = message;
	return 0;
}

static bool is_forwarded(const char *line)
{
	static const char kept[][sizeof "NOTIFYACCESS="] = {"MAINPID", "BARRIER=", "FDSTORE",
		"FDNAME=", "FDPOLL=", "NOTIFYACCESS=", "X_LASTCALL_"};

	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
		if (value_of(line, kept[i]) != NULL)
			return false;
	}
	return !is_line_end(*line);
}

void notify_message_add_forwarded(struct text *text, const char *bytes)
{
	for (const char *line = bytes; *line != '\0'; line = next_line(line)) {
		if (!is_forwarded(line))
			continue;
		text_add_bytes(text, line, strcspn(line, "\n"));
		text_add_char(text, '\n');
	}
}

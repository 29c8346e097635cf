/* SPDX-License-Identifier: MIT */
/* Datagrams as real programs send them, and as hostile ones may; each ends at a page that cannot be read. */
#include "core/codec/notify_message.h"

#include "unit/guard_page.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The NUL behind the datagram is the last byte that can be read. */
static int parse_bytes(const char *bytes, size_t len, struct notify_message *ret_message)
{
	char copy[NOTIFY_MESSAGE_MAX + 8];

	assert_true(len < sizeof copy);
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	return notify_message_parse(guard_page_copy(copy, len + 1), len, ret_message);
}

static struct notify_message parse(const char *text)
{
	struct notify_message message;

	assert_int_equal(parse_bytes(text, strlen(text), &message), 0);
	return message;
}

/* What follows from one datagram. */
static const struct row {
	const char *text;
	bool ready, stopping, watchdog, trigger, bad;
	int main_pid;
	int64_t extend_ms, watchdog_ms, busy;
	const char *status; /* NULL: none */
} rows[] = {
	{"READY=1", .ready = true, .extend_ms = -1, .watchdog_ms = -1, .busy = -1},
	{"READY=1\n", .ready = true, .extend_ms = -1, .watchdog_ms = -1, .busy = -1},
	/* HAProxy 2.6 -Ws */
	{"READY=1\nMAINPID=7\nSTATUS=Ready.\n", .ready = true, .main_pid = 7, .extend_ms = -1,
		.watchdog_ms = -1, .busy = -1, .status = "Ready."},
	/* MariaDB 10.11 */
	{"STATUS=Innodb initialization...\nEXTEND_TIMEOUT_USEC=15000001", .extend_ms = 15001,
		.watchdog_ms = -1, .busy = -1, .status = "Innodb initialization..."},
	{"STOPPING=1\nSTATUS=", .stopping = true, .extend_ms = -1, .watchdog_ms = -1, .busy = -1,
		.status = ""},
	{"WATCHDOG=1", .watchdog = true, .extend_ms = -1, .watchdog_ms = -1, .busy = -1},
	{"WATCHDOG=trigger", .trigger = true, .extend_ms = -1, .watchdog_ms = -1, .busy = -1},
	{"WATCHDOG_USEC=20000000", .extend_ms = -1, .watchdog_ms = 20000, .busy = -1},
	{"X_LASTCALL_BUSY=3", .extend_ms = -1, .watchdog_ms = -1, .busy = 3},
	{"X_LASTCALL_BUSY=1\nX_LASTCALL_BUSY=0", .extend_ms = -1, .watchdog_ms = -1},
	{"X_LASTCALL_BUSY=1000000", .extend_ms = -1, .watchdog_ms = -1, .busy = 1000000},
	{"X_LASTCALL_BUSY=1000001", .bad = true, .extend_ms = -1, .watchdog_ms = -1, .busy = -1},
	{"X_LASTCALL_BUSY=-1", .bad = true, .extend_ms = -1, .watchdog_ms = -1, .busy = -1},
	{"X_LASTCALL_BUSY=1 ", .bad = true, .extend_ms = -1, .watchdog_ms = -1, .busy = -1},
	{"X_LASTCALL_BUSY=", .bad = true, .extend_ms = -1, .watchdog_ms = -1, .busy = -1},
	{"READY=0", .bad = true, .extend_ms = -1, .watchdog_ms = -1, .busy = -1},
	{"READY=10", .bad = true, .extend_ms = -1, .watchdog_ms = -1, .busy = -1},
	{"ready=1\n READY=1\nXREADY=1\nREADY", .extend_ms = -1, .watchdog_ms = -1, .busy = -1},
	{"MAINPID=0", .bad = true, .extend_ms = -1, .watchdog_ms = -1, .busy = -1},
	{"MAINPID=1", .bad = true, .extend_ms = -1, .watchdog_ms = -1, .busy = -1},
	{"MAINPID=4194305", .bad = true, .extend_ms = -1, .watchdog_ms = -1, .busy = -1},
	{"EXTEND_TIMEOUT_USEC=99999999999999999999", .bad = true, .extend_ms = -1,
		.watchdog_ms = -1, .busy = -1},
	{"\n\n\nREADY=1\n\n", .ready = true, .extend_ms = -1, .watchdog_ms = -1, .busy = -1},
	{"STATUS=tab\there, \"quotes\" \\ \x01\x7f", .extend_ms = -1, .watchdog_ms = -1, .busy = -1,
		.status = "tab here, \"quotes\" \\   "},
	{"STATUS=na\xc3\xafve \xff\xc3", .extend_ms = -1, .watchdog_ms = -1, .busy = -1,
		.status = "na\xc3\xafve ??"},
};

static void datagram_is_read_line_by_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = &rows[i];
		struct notify_message message = parse(row->text);

		if (message.ready != row->ready || message.stopping != row->stopping ||
			message.watchdog != row->watchdog ||
			message.watchdog_trigger != row->trigger ||
			message.has_bad_line != row->bad || message.main_pid != row->main_pid ||
			message.extend_ms != row->extend_ms ||
			message.watchdog_ms != row->watchdog_ms || message.busy != row->busy ||
			message.has_status != (row->status != NULL))
			fail_msg("'%s' is read differently", row->text);
		if (row->status != NULL)
			assert_string_equal(message.status, row->status);
	}
}

static void datagram_with_a_nul_inside_is_refused(void **state)
{
	struct notify_message message;

	(void)state;
	assert_int_equal(parse_bytes("", 0, &message), -EINVAL);
	assert_int_equal(parse_bytes("\0", 1, &message), -EINVAL);
	assert_int_equal(parse_bytes("READY=1\0", 8, &message), 0);
	assert_true(message.ready);
	assert_int_equal(parse_bytes("READY=1\0\0", 9, &message), -EINVAL);
	assert_int_equal(parse_bytes("READY=1\0STATUS=x", 16, &message), -EINVAL);
}

static void too_long_datagram_is_refused(void **state)
{
	char bytes[NOTIFY_MESSAGE_MAX + 1];
	struct notify_message message;

	(void)state;
	memset(bytes, 'x', sizeof bytes);
	assert_int_equal(parse_bytes(bytes, sizeof bytes, &message), -EINVAL);
	assert_int_equal(parse_bytes(bytes, sizeof bytes - 1, &message), 0);
}

static void long_status_is_cut_between_characters(void **state)
{
	char bytes[400] = "STATUS=";
	struct notify_message message;

	(void)state;
	for (size_t at = 7; at + 3 < sizeof bytes; at += 3)
		memcpy(bytes + at, "\xe2\x82\xac", 3); /* a euro sign */
	message = parse(bytes);
	assert_int_equal(strlen(message.status), (NOTIFY_STATUS_BYTES - 1) / 3 * 3);
	assert_string_equal(message.status + strlen(message.status) - 3, "\xe2\x82\xac");
}

static void only_what_means_something_outside_is_forwarded(void **state)
{
	char bytes[256];
	struct text text;

	(void)state;
	text_init(&text, bytes, sizeof bytes);
	notify_message_add_forwarded(&text,
		"READY=1\nMAINPID=7\nMAINPIDFDID=3\nSTATUS=up\n\nBARRIER=1\nFDSTORE="
		"1\nFDSTOREREMOVE=1\n"
		"FDNAME=x\nX_LASTCALL_BUSY=1\nNOTIFYACCESS=all\nX_OTHER=1");
	assert_string_equal(bytes, "READY=1\nSTATUS=up\nX_OTHER=1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datagram_is_read_line_by_line),
		cmocka_unit_test(datagram_with_a_nul_inside_is_refused),
		cmocka_unit_test(too_long_datagram_is_refused),
		cmocka_unit_test(long_status_is_cut_between_characters),
		cmocka_unit_test(only_what_means_something_outside_is_forwarded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

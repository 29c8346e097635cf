/* SPDX-License-Identifier: MIT */
#include "core/text/exit_status.h"
#include "core/text/signal_name.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void every_number_has_a_name_that_reads_back(void **state)
{
	(void)state;
	for (int number = 1; number <= SIGNAL_MAX; number++) {
		char digits[8];

		if (number != 32 && number != 33) /* the libc's own: a number is all they have */
			assert_int_equal(signal_parse(signal_name(number)), number);
		(void)snprintf(digits, sizeof digits, "%d", number);
		assert_int_equal(signal_parse(digits), number);
	}
}

static void names_are_read_in_every_form(void **state)
{
	(void)state;
	assert_int_equal(signal_parse("SIGTERM"), SIGTERM);
	assert_int_equal(signal_parse("TERM"), SIGTERM);
	assert_int_equal(signal_parse("sigquit"), SIGQUIT);
	assert_int_equal(signal_parse("Winch"), SIGWINCH);
	assert_int_equal(signal_parse("SIGPOLL"), SIGIO);
	assert_int_equal(signal_parse("SIGRTMIN"), 34);
	assert_int_equal(signal_parse("RTMIN+3"), 37);
	assert_int_equal(signal_parse("SIGRTMAX-1"), 63);
	assert_int_equal(signal_parse("SIGRTMIN+30"), 64);
}

static void realtime_signals_are_named_from_the_nearer_end(void **state)
{
	const char *third = signal_name(37), *last_but_one = signal_name(63);

	(void)state;
	assert_string_equal(third, "SIGRTMIN+3"); /* still, after the other was asked for */
	assert_string_equal(last_but_one, "SIGRTMAX-1");
	assert_string_equal(signal_name(34), "SIGRTMIN");
	assert_string_equal(signal_name(49), "SIGRTMIN+15");
	assert_string_equal(signal_name(50), "SIGRTMAX-14");
	assert_string_equal(signal_name(64), "SIGRTMAX");
}

static void what_is_no_signal_is_refused(void **state)
{
	static const char *const strings[] = {"", "0", "65", "-1", "15x", "SIG", "SIGFOO", "RTMIN-1",
		"RTMIN+31", "RTMAX+1", "RTMAX-31", "RTMIN+", "RTMIN3", "9999999999", " 15", "SIG15"};

	(void)state;
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		assert_int_equal(signal_parse(strings[i]), -EINVAL);
	assert_string_equal(signal_name(0), "SIG?");
	assert_string_equal(signal_name(65), "SIG?");
	assert_string_equal(signal_name(-1), "SIG?");
}

static void our_exit_status_is_the_applications(void **state)
{
	(void)state;
	/* wait statuses as Linux makes them: code in the second byte, signal in the first */
	assert_int_equal(exit_status_from_app(app_end_from_wait(0)), 0);
	assert_int_equal(exit_status_from_app(app_end_from_wait(3 << 8)), 3);
	assert_int_equal(exit_status_from_app(app_end_from_wait(255 << 8)), 255);
	assert_int_equal(exit_status_from_app(app_end_from_wait(SIGTERM)), 143);
	assert_int_equal(exit_status_from_app(app_end_from_wait(SIGSEGV | 0x80)), 139);
	assert_int_equal(exit_status_from_app((struct app_end){.ended = false}), 137);
}

static void a_failed_exec_says_why(void **state)
{
	(void)state;
	assert_int_equal(exit_status_from_exec(ENOENT), 127);
	assert_int_equal(exit_status_from_exec(ENOTDIR), 127);
	assert_int_equal(exit_status_from_exec(EACCES), 126);
	assert_int_equal(exit_status_from_exec(ENOEXEC), 126);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_has_a_name_that_reads_back),
		cmocka_unit_test(names_are_read_in_every_form),
		cmocka_unit_test(realtime_signals_are_named_from_the_nearer_end),
		cmocka_unit_test(what_is_no_signal_is_refused),
		cmocka_unit_test(our_exit_status_is_the_applications),
		cmocka_unit_test(a_failed_exec_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

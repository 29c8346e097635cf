/* SPDX-License-Identifier: MIT */
#include "core/text/duration.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void durations_are_read_as_go_reads_them(void **state)
{
	static const struct {
		const char *string;
		msec_t msec;
	} cases[] = {
		{"0", 0}, {"0s", 0}, {"+0", 0}, {"-0", 0}, {"1s", 1000}, {"30s", 30000},
		{"500ms", 500}, {"1.5s", 1500}, {".5s", 500}, {"1.s", 1000}, {"1m30s", 90000},
		{"2h45m0.5s", 9900500}, {"-10s", -10000}, {"999us", 0}, {"1000us", 1},
		{"1500\xC2\xB5s", 1}, {"1500\xCE\xBCs", 1}, {"1000000ns", 1}, {"100h", 360000000},
		{"0.000000000001s", 0}, {"1.0000000001s", 1000}, {"2562047h", 9223369200000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		msec_t msec = -77;
		assert_int_equal(duration_parse_go(cases[i].string, &msec), 0);
		assert_int_equal(msec, cases[i].msec);
	}
}

static void what_is_no_duration_is_refused(void **state)
{
	static const char *const strings[] = {"", "s", "10", "60", "1", "ten", "1x", "1 s", " 1s",
		"1s ", "--1s", "+-1s", ".", ".s", "1..5s", "1s2", "-", "+", "1S", "1min", "0x10s", "1e3s"};

	(void)state;
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
		msec_t msec = -77;
		assert_int_equal(duration_parse_go(strings[i], &msec), -EINVAL);
		assert_int_equal(msec, -77);
	}
}

static void what_is_too_long_is_out_of_range(void **state)
{
	static const char *const strings[] = {"2562048h", "9999999999999999999999s",
		"9223372036854775807s", "2562047h2562047h"};
	msec_t msec;

	(void)state;
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		assert_int_equal(duration_parse_go(strings[i], &msec), -ERANGE);
}

static void our_own_options_are_not_negative(void **state)
{
	msec_t msec;

	(void)state;
	assert_int_equal(duration_parse("-1s", &msec), -EINVAL);
	assert_int_equal(duration_parse("1s", &msec), 0);
	assert_int_equal(msec, 1000);
}

static void what_is_written_is_read_back(void **state)
{
	static const struct {
		msec_t msec;
		const char *string;
	} cases[] = {
		{0, "0s"}, {1, "1ms"}, {250, "250ms"}, {1000, "1s"}, {1001, "1.001s"}, {2250, "2.25s"},
		{2500, "2.5s"}, {60000, "1m"}, {90000, "1m30s"}, {90500, "1m30.5s"}, {60010, "1m10ms"},
		{3600000, "1h"}, {3660001, "1h1m1ms"}, {36000000, "10h"},
	};
	char buf[DURATION_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		msec_t msec;
		assert_string_equal(duration_text(buf, cases[i].msec), cases[i].string);
		assert_int_equal(duration_parse(buf, &msec), 0);
		assert_int_equal(msec, cases[i].msec);
	}
	assert_string_equal(duration_text(buf, MSEC_NEVER), "never");
	assert_string_equal(duration_text(buf, -1500), "-1.5s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_are_read_as_go_reads_them),
		cmocka_unit_test(what_is_no_duration_is_refused),
		cmocka_unit_test(what_is_too_long_is_out_of_range),
		cmocka_unit_test(our_own_options_are_not_negative),
		cmocka_unit_test(what_is_written_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

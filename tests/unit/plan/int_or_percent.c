/* SPDX-License-Identifier: MIT */
#include "plan/core/int_or_percent.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void numbers_and_percentages_are_read(void **state)
{
	static const struct {
		const char *string;
		bool is_quoted;
		int64_t value; /* -1: refused */
		bool is_percent;
	} cases[] = {
		{"25%", false, 25, true},
		{"25%", true, 25, true},
		{"1", false, 1, false},
		{"0", false, 0, false},
		{"150%", true, 150, true},
		{"1", true, -1, false},
		{"", false, -1, false},
		{"%", true, -1, false},
		{"25 %", true, -1, false},
		{"25%x", true, -1, false},
		{"-1", false, -1, false},
		{"1.5", false, -1, false},
		{"99999999999", false, -1, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct int_or_percent value = {0};
		int r = int_or_percent_parse(cases[i].string, cases[i].is_quoted, &value);

		assert_int_equal(r, cases[i].value < 0 ? -EINVAL : 0);
		if (r == 0) {
			assert_int_equal(value.value, cases[i].value);
			assert_int_equal(value.is_percent, cases[i].is_percent);
		}
	}
}

static void percentages_are_rounded_as_their_field_is(void **state)
{
	static const struct int_or_percent quarter = {25, true}, one = {1, false};

	(void)state;
	assert_int_equal(int_or_percent_of(quarter, 10, true), 3);
	assert_int_equal(int_or_percent_of(quarter, 10, false), 2);
	assert_int_equal(int_or_percent_of(quarter, 4, true), 1);
	assert_int_equal(int_or_percent_of(quarter, 0, true), 0);
	assert_int_equal(int_or_percent_of(quarter, 3, false), 0);
	assert_int_equal(int_or_percent_of(one, 100, true), 1);
	assert_int_equal(int_or_percent_of((struct int_or_percent){INT_OR_PERCENT_MAX, true},
				 INT_OR_PERCENT_MAX, true),
		INT64_C(10000000000000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_and_percentages_are_read),
		cmocka_unit_test(percentages_are_rounded_as_their_field_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

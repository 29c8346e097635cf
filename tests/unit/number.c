/* SPDX-License-Identifier: MIT */
#include "core/text/number.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

static void digits_are_taken_and_passed(void **state)
{
	const char *at = "0042,7";

	(void)state;
	assert_int_equal(number_take(&at, 42), 42);
	assert_string_equal(at, ",7");
}

static void number_above_its_limit_is_none(void **state)
{
	(void)state;
	assert_int_equal(number_parse("65535", 1, 65535), 65535);
	assert_int_equal(number_parse("65536", 1, 65535), -EINVAL);
	assert_int_equal(number_parse("99999999999999999999999999", 1, 65535), -EINVAL);
	assert_int_equal(number_parse("0", 1, 65535), -EINVAL);
	assert_int_equal(number_parse("0", 0, 0), 0);
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const strings[] = {"", " 1", "+1", "-1", "1 ", "1x", "x1", "0x1", "1.0"};

	(void)state;
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		assert_int_equal(number_parse(strings[i], 0, 100), -EINVAL);
}

static void signed_number_is_taken_as_strtol_does(void **state)
{
	static const char *const strings[] = {"", "7", " \t\n\v\f\r7x", "+7:", "-7:", "--7", "- 7",
		"+", "x7", "0", "-0", "007", "999999999999"};

	(void)state;
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
		const char *at = strings[i];
		char *end;

		assert_int_equal(number_take_signed(&at), strtoll(strings[i], &end, 10));
		assert_ptr_equal(at, end);
	}
}

static void signed_number_that_is_too_long_is_far(void **state)
{
	const char *high = "123456789012345678901234567890",
		   *low = "-123456789012345678901234567890";

	(void)state;
	assert_int_equal(number_take_signed(&high), NUMBER_FAR);
	assert_int_equal(number_take_signed(&low), -NUMBER_FAR);
	assert_string_equal(high, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_are_taken_and_passed),
		cmocka_unit_test(number_above_its_limit_is_none),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(signed_number_is_taken_as_strtol_does),
		cmocka_unit_test(signed_number_that_is_too_long_is_far),
	};

	return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}

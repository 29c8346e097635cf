/* SPDX-License-Identifier: MIT */
#include "core/http/defer_accept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void it_begins_with_an_eighth_of_the_places(void **state)
{
	struct defer_accept defer = {.is_there = false};

	(void)state;
	assert_false(defer_accept_note(&defer, 15, 128, 1000));
	assert_true(defer_accept_note(&defer, 16, 128, 1000));
	assert_true(defer.is_there);
	assert_false(defer_accept_note(&defer, 128, 128, 1001));
}

static void it_is_gone_ten_seconds_after_it_was_seen_last(void **state)
{
	struct defer_accept defer = {.is_there = false};

	(void)state;
	assert_true(defer_accept_note(&defer, 16, 128, 1000));
	assert_false(defer_accept_note(&defer, 20, 128, 5000));
	assert_false(defer_accept_note(&defer, 0, 128, 15000));
	assert_true(defer.is_there);
	assert_true(defer_accept_note(&defer, 0, 128, 15001));
	assert_false(defer.is_there);
}

static void with_few_places_there_is_always_one(void **state)
{
	struct defer_accept defer = {.is_there = false};

	(void)state;
	assert_true(defer_accept_note(&defer, 0, 4, 1000));
	assert_false(defer_accept_note(&defer, 0, 4, 100000));
	assert_true(defer.is_there);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_begins_with_an_eighth_of_the_places),
		cmocka_unit_test(it_is_gone_ten_seconds_after_it_was_seen_last),
		cmocka_unit_test(with_few_places_there_is_always_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "core/tcp/recent_ends.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void those_of_the_last_half_second_are_counted(void **state)
{
	struct recent_ends ends = {.slots = {{.began = 0}}};

	(void)state;
	for (msec_t now = 100000; now < 110000; now += 10)
		recent_ends_add(&ends, RECENT_GAVE_UP, now);
	recent_ends_add(&ends, RECENT_STREAMED, 110000);
	assert_int_in_range(recent_ends_count(&ends, RECENT_GAVE_UP, 110000), 50, 58);
	assert_int_equal(recent_ends_count(&ends, RECENT_STREAMED, 110000), 1);
	assert_int_equal(recent_ends_count(&ends, RECENT_STREAMED, 110000 + RECENT_ENDS_MS), 1);
	assert_int_equal(recent_ends_count(&ends, RECENT_STREAMED, 110000 + 2 * RECENT_ENDS_MS), 0);
	assert_int_equal(recent_ends_count(&ends, RECENT_DOUBTED, 110000), 0);
}

static void cleared_there_are_none(void **state)
{
	struct recent_ends ends = {.slots = {{.began = 0}}};

	(void)state;
	recent_ends_add(&ends, RECENT_ANSWERED, 100000);
	recent_ends_clear(&ends);
	assert_int_equal(recent_ends_count(&ends, RECENT_ANSWERED, 100000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_of_the_last_half_second_are_counted),
		cmocka_unit_test(cleared_there_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

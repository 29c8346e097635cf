/* SPDX-License-Identifier: MIT */
#include "drill/core/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)

/* As a client does: looks once a tick, and takes all that it may. */
static int64_t moved_after(int64_t bytes_per_s, int64_t us)
{
	int64_t done = 0;

	for (int64_t now = 0; now <= us; now += PACE_TICK_US)
		done += pace_allowance(bytes_per_s, now, done);
	return done;
}

static void the_rate_is_kept(void **state)
{
	static const int64_t rates[] = {1, 99, 100, 1000, 123456, 1000000, 1000000000};

	(void)state;
	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
		int64_t tick = rates[i] / 100 + 1;

		assert_int_in_range(
			moved_after(rates[i], 10 * SECOND), 10 * rates[i], 10 * rates[i] + tick);
	}
}

static void it_begins_with_a_byte_at_least(void **state)
{
	(void)state;
	assert_true(pace_allowance(1, 0, 0) > 0);
	assert_int_equal(pace_allowance(1, 0, 1), 0);
}

static void who_has_more_than_he_may_waits(void **state)
{
	(void)state;
	assert_int_equal(pace_allowance(1000, SECOND, 5000), 0);
}

static void who_was_held_up_does_not_catch_up_with_all(void **state)
{
	(void)state;
	assert_int_in_range(pace_allowance(1000, 60 * SECOND, 0), 1000, 1011);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rate_is_kept),
		cmocka_unit_test(it_begins_with_a_byte_at_least),
		cmocka_unit_test(who_has_more_than_he_may_waits),
		cmocka_unit_test(who_was_held_up_does_not_catch_up_with_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

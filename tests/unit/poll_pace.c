/* SPDX-License-Identifier: MIT */
#include "core/tcp/poll_pace.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* One that has looked at 1000, at so much cost, after a long rest. */
static struct poll_pace make_pace(int64_t cost_us)
{
	struct poll_pace pace;

	poll_pace_init(&pace);
	poll_pace_pay(&pace, 1000, cost_us);
	return pace;
}

static void the_first_poll_is_at_once(void **state)
{
	struct poll_pace pace;

	(void)state;
	poll_pace_init(&pace);
	assert_true(poll_pace_affordable_at(&pace) < 0);
	assert_true(poll_pace_probe_at(&pace) < 0);
}

static void polls_are_as_far_apart_as_they_cost(void **state)
{
	static const struct {
		int64_t cost_us;
		msec_t probe, stop; /* after the poll; to one of a stream of probes */
	} rows[] = {
		{0, 200, 20},
		{100, 500, 20},
		{1000, 5000, 66},
		{2000, 10000, 132},
		{5000, 10000, 250},
		{100000, 10000, 250},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct poll_pace pace = make_pace(rows[i].cost_us);

		assert_int_equal(poll_pace_probe_at(&pace), 1200);
		assert_int_equal(poll_pace_news_ms(&pace), 50);
		pace.probes = 41;
		assert_int_equal(poll_pace_news_ms(&pace), 500);
		assert_int_equal(poll_pace_probe_at(&pace), 1000 + rows[i].probe);
		assert_int_equal(poll_pace_stop_at(&pace, false, 1, 0), 1000 + rows[i].stop);
	}
}

static void no_stream_of_probes_meets_a_poll_more_often_than_one_in_2000(void **state)
{
	(void)state;
	for (int64_t cost_us = 1; cost_us <= 5000; cost_us += 7) {
		struct poll_pace pace = make_pace(cost_us);

		pace.probes = 1000;
		assert_true((poll_pace_probe_at(&pace) - 1000) * 1000 >= 2000 * cost_us);
	}
}

static void an_ending_is_polled_out_of_what_was_saved(void **state)
{
	struct poll_pace pace = make_pace(5000);

	(void)state;
	assert_int_equal(poll_pace_stop_at(&pace, true, 1, 0), 1000);
	poll_pace_pay(&pace, 1000, 5000);
	poll_pace_pay(&pace, 1000, 5000);
	assert_int_equal(poll_pace_stop_at(&pace, true, 1, 0), 1000); /* 20 ms of polls in a row */
	poll_pace_pay(&pace, 1000, 5000);
	assert_int_equal(poll_pace_stop_at(&pace, true, 1, 0), 1167); /* 5 ms at 3 % of a core */
}

static void a_dear_poll_is_never_waited_for_longer_than_250_ms(void **state)
{
	struct poll_pace pace = make_pace(900000);

	(void)state;
	assert_int_equal(poll_pace_affordable_at(&pace), 1250);
}

static void polls_that_are_always_affordable_take_three_percent(void **state)
{
	struct poll_pace pace;
	msec_t now = 1000;
	int64_t spent_us = 0;

	(void)state;
	poll_pace_init(&pace);
	for (; now < 61000; now = msec_max(poll_pace_affordable_at(&pace), now + 1)) {
		poll_pace_pay(&pace, now, 2000);
		spent_us += 2000;
	}
	assert_int_in_range(spent_us, 29 * 60000, 30 * 60000 + 20000 + 2000);
}

static void what_is_recent_is_polled_when_it_has_settled(void **state)
{
	struct poll_pace pace = make_pace(1000);

	(void)state;
	assert_int_equal(poll_pace_stop_at(&pace, false, 0, 150), 1154);
	assert_int_equal(poll_pace_stop_at(&pace, false, 1, 150), 1066); /* one is busy */
	assert_int_equal(poll_pace_stop_at(&pace, false, 0, 1), 1005);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_poll_is_at_once),
		cmocka_unit_test(polls_are_as_far_apart_as_they_cost),
		cmocka_unit_test(no_stream_of_probes_meets_a_poll_more_often_than_one_in_2000),
		cmocka_unit_test(an_ending_is_polled_out_of_what_was_saved),
		cmocka_unit_test(a_dear_poll_is_never_waited_for_longer_than_250_ms),
		cmocka_unit_test(polls_that_are_always_affordable_take_three_percent),
		cmocka_unit_test(what_is_recent_is_polled_when_it_has_settled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

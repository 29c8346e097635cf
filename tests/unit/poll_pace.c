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
	poll_pace_pay(&pace, 1000, cost_us, 1000, 0);
	return pace;
}

/* When a stop polls again, where no question can be asked. */
static msec_t plain_stop_at(
	const struct poll_pace *pace, bool ending_heard, unsigned busy, msec_t settles_in)
{
	const struct poll_needs needs = {
		.ending_heard = ending_heard,
		.busy = busy,
		.settles_in = settles_in,
		.asked = 1,
	};

	assert_true(poll_pace_ask_at(pace, &needs) == MSEC_NEVER);
	return poll_pace_stop_at(pace, &needs);
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
		msec_t probe, stream, stop; /* after the poll; stream: to one of many probes */
	} rows[] = {
		{0, 200, 200, 20},
		{100, 200, 500, 20},
		{1000, 200, 5000, 66},
		{2000, 200, 10000, 132},
		{5000, 200, 10000, 250},
		{48000, 19000, 19000, 250}, /* 20 ms were saved */
		{100000, 45000, 45000, 250},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct poll_pace pace = make_pace(rows[i].cost_us);

		assert_int_equal(poll_pace_probe_at(&pace), 1000 + rows[i].probe);
		assert_int_equal(poll_pace_news_ms(&pace, true), 50);
		pace.probes = (unsigned)rows[i].probe / 5 + 1; /* more than 200 a second */
		assert_int_equal(poll_pace_news_ms(&pace, true), 500);
		assert_int_equal(poll_pace_probe_at(&pace), 1000 + rows[i].stream);
		assert_int_equal(plain_stop_at(&pace, false, 1, 0), 1000 + rows[i].stop);
	}
}

/* Polls of everything take 0.4 %, beyond what was saved, and those of the listening sockets 0.1. */
static void probes_take_half_a_percent_of_a_core_at_most(void **state)
{
	static const int64_t costs_us[] = {20, 300, 1000, 5000, 48000, 400000};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof costs_us / sizeof *costs_us; i++) {
		int64_t cost_us = costs_us[i / 2], spent_us = 0;
		struct poll_pace pace;

		poll_pace_init(&pace);
		pace.listeners_cost_us = cost_us;
		for (msec_t now = 1000; now < 601000; now = poll_pace_probe_at(&pace)) {
			poll_pace_pay(&pace, now, cost_us, now, 0);
			pace.probes = i % 2 ? 1000 : 1;
			spent_us += cost_us;
		}
		assert_int_in_range(spent_us, 0, 600000 * 4 + 20000 + cost_us);
		assert_int_in_range(cost_us * 1000 / poll_pace_news_ms(&pace, true), 0, 1000);
	}
}

static void an_application_that_starts_is_not_kept_waiting(void **state)
{
	struct poll_pace pace = make_pace(100);

	(void)state;
	assert_int_equal(poll_pace_news_ms(&pace, false), 0);
	pace.listeners_cost_us = 20;
	assert_int_equal(poll_pace_news_ms(&pace, false), 20);
	pace.listeners_cost_us = 3000;
	assert_int_equal(poll_pace_news_ms(&pace, false), 50);
	assert_int_equal(poll_pace_news_ms(&pace, true), 3000);
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

/* ---- where questions can be asked ---- */

/* A poll at 1000 and so many questions at 1100, after a long rest. */
static struct poll_pace asked_pace(int64_t poll_us, int64_t ask_us, unsigned asked)
{
	struct poll_pace pace = make_pace(poll_us);

	poll_pace_pay_questions(&pace, 1100, ask_us, asked);
	pace.ask_saved_us = 0;
	return pace;
}

static void questions_take_the_place_of_polls(void **state)
{
	static const struct {
		int64_t poll_us, ask_us;
		unsigned asked;
		msec_t poll, ask; /* after the last one; ask below 0: no questions */
	} rows[] = {
		{50, 0, 1, 20, 2}, {100, 8, 1, 40, 4}, {100, 20, 10, 40, 6},
		{600, 340, 200, 240, 70}, {10000, 340, 200, 4000, 70}, {48000, 340, 200, 19200, 70},
		{20000, 17000, 10000, 8000, 341}, /* five percent */
		{17000, 17000, 10000, 250, -1}, /* a poll costs less */
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct poll_pace pace = asked_pace(rows[i].poll_us, rows[i].ask_us, rows[i].asked);
		const struct poll_needs needs = {
			.can_ask = true, .asked = rows[i].asked, .busy = 1};

		assert_int_equal(poll_pace_stop_at(&pace, &needs), 1000 + rows[i].poll);
		assert_int_equal(poll_pace_ask_at(&pace, &needs),
			rows[i].ask < 0 ? MSEC_NEVER : 1100 + rows[i].ask);
	}
}

static void fewer_questions_cost_less(void **state)
{
	struct poll_pace pace = asked_pace(10000, 17000, 10000);
	struct poll_needs needs = {.can_ask = true, .asked = 10000, .busy = 1};

	(void)state;
	assert_int_equal(poll_pace_ask_at(&pace, &needs), MSEC_NEVER);
	needs.asked = 10;
	assert_int_equal(poll_pace_ask_at(&pace, &needs), 1100 + 6);
	needs.asked = 0;
	assert_int_equal(poll_pace_ask_at(&pace, &needs), MSEC_NEVER);
}

static void questions_in_a_row_take_half_a_percent(void **state)
{
	static const struct poll_needs needs[] = {
		{.can_ask = true, .asked = 200, .busy = 1},
		{.can_ask = true, .asked = 200, .busy = 1, .ending_heard = true},
		{.can_ask = true, .asked = 200, .settles_in = 1, .ends_in = 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
		struct poll_pace pace = make_pace(48000);
		int64_t spent_us = 0;

		for (msec_t now = 1001; now < 61000;
			now = msec_max(poll_pace_ask_at(&pace, &needs[i]), now + 1)) {
			poll_pace_pay_questions(&pace, now, 340, 200);
			spent_us += 350;
		}
		assert_int_in_range(spent_us, 60000 * 5 * 9 / 10, 60000 * 5 + 3000 + 2 * 350);
	}
}

static void an_ending_is_asked_about_at_once(void **state)
{
	struct poll_pace pace = make_pace(48000);
	const struct poll_needs needs = {
		.can_ask = true, .asked = 200, .busy = 1, .ending_heard = true};

	(void)state;
	poll_pace_pay_questions(&pace, 1100, 340, 200);
	assert_int_equal(poll_pace_ask_at(&pace, &needs), 1100);
}

/* A connection settles up to a tick sooner than the kernel's times say: lastcall asks just before, too. */
static void what_settles_is_asked_about_before_its_tick(void **state)
{
	struct poll_pace pace = asked_pace(100, 20, 10);
	const struct poll_needs needs = {.can_ask = true, .asked = 10, .ends_in = 40};
	const struct poll_needs last = {.can_ask = true, .asked = 10, .ends_in = 4};

	(void)state;
	assert_int_equal(poll_pace_ask_at(&pace, &needs), 1138);
	poll_pace_pay_questions(&pace, 1138, 20, 10);
	pace.ask_saved_us = 60;
	assert_int_equal(poll_pace_ask_at(&pace, &last), 1140);
}

static void what_settles_is_asked_about_at_that_moment(void **state)
{
	struct poll_pace pace = asked_pace(100, 20, 10);
	struct poll_needs needs = {.can_ask = true, .asked = 10, .settles_in = 40, .ends_in = 40};

	(void)state;
	needs.ends_in = 13; /* another round just before it is not paid for by then */
	assert_int_equal(poll_pace_ask_at(&pace, &needs), 1113);
	needs.ends_in = 1;
	assert_int_equal(poll_pace_ask_at(&pace, &needs), 1106);
	needs.ends_in = 9000;
	assert_int_equal(poll_pace_ask_at(&pace, &needs), 1350);
	needs.unsure = 1; /* what moves decides, too */
	assert_int_equal(poll_pace_ask_at(&pace, &needs), 1120);
	needs.busy = 1;
	assert_int_equal(poll_pace_ask_at(&pace, &needs), 1106);
}

/* So that it is over when they have settled. */
static void a_dear_poll_begins_before_the_last_ones_settle(void **state)
{
	static const struct {
		int64_t cost_us;
		msec_t early_at; /* the early poll before, of this end or another; below 0: none */
		msec_t tried_at; /* the last poll of any kind */
		unsigned busy;
		msec_t ends_in; /* after 1100 */
		msec_t poll;
	} rows[] = {
		{48000, -1, 1000, 0, 500, 1600 - 42}, {30000, -1, 1000, 0, 500, 1600 - 27},
		{8000, -1, 1000, 0, 500, 1600 - 7},
		{3000, -1, 1000, 0, 500,
			2200}, /* it blocks nothing: it comes when they have settled */
		{48000, -1, 1000, 0, 200, 1300 - 42}, /* nothing is saved, and it does not wait */
		{48000, -1, 1000, 0, 10, 1110 - 42}, /* overdue */
		{48000, 1000, 1000, 0, 180, 1250}, /* four in a second */
		{48000, 1000, 1000, 0, 500, 1600 - 42},
		{48000, 1246, 1246, 0, 200,
			1246 + 19200}, /* it is made, and fresh when they settle */
		{48000, 1230, 1230, 0, 200, 1480}, /* it is too old then */
		{48000, -1, 1000, 1, 500, 20200},
		{48000, -1, 1000, 0, 0, 20200}, /* not known until when they hold */
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct poll_pace pace = asked_pace(rows[i].cost_us, 20, 10);
		const struct poll_needs needs = {.can_ask = true,
			.asked = 10,
			.busy = rows[i].busy,
			.settles_in = rows[i].ends_in,
			.ends_in = rows[i].ends_in};

		pace.saved_us = 0;
		pace.early_at = rows[i].early_at;
		pace.tried_at = pace.read_at = rows[i].tried_at;
		assert_int_equal(poll_pace_stop_at(&pace, &needs), rows[i].poll);
	}
}

/* What a poll does besides its last dump says nothing about the next one, and makes its rows no newer. */
static void an_early_poll_takes_one_walk(void **state)
{
	struct poll_pace pace;
	const struct poll_needs needs = {.can_ask = true, .asked = 1, .ends_in = 500};

	(void)state;
	poll_pace_init(&pace);
	poll_pace_pay(&pace, 1000, 96000, 1000, 48000);
	assert_int_equal(poll_pace_stop_at(&pace, &needs), 1500 - 42);
	assert_int_equal(pace.cost_us, 96000);
	assert_true(poll_pace_is_fresh(&pace, 1060));
	assert_false(poll_pace_is_fresh(&pace, 1061));
	poll_pace_pay(&pace, 1000, 96000, 1048, 48000); /* it was repeated */
	assert_true(poll_pace_is_fresh(&pace, 1108));
	assert_false(poll_pace_is_fresh(&pace, 1109));
	poll_pace_pay(&pace, 1000, 48000, 1000, 0); /* a poll that dumped nothing */
	assert_int_equal(pace.walk_us, 48000);
}

static void the_last_poll_is_known_before(void **state)
{
	static const struct {
		unsigned busy, asked;
		msec_t ends_in, now; /* the last question was at 1100 */
		bool may_be_last;
	} rows[] = {
		{0, 0, 0, 1100, true}, /* nothing holds the drain */
		{0, 1, 0, 1100, false}, /* something does, and nobody knows until when */
		{1, 1, 0, 1100, false},
		{0, 1, 500, 1600 - 60 - 1, false},
		{0, 1, 500, 1600 - 60,
			true}, /* it is fresh for 60 ms, and no other one would follow */
		{0, 1, 500, 1700, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct poll_pace pace = asked_pace(48000, 20, 1);
		const struct poll_needs needs = {.can_ask = true,
			.asked = rows[i].asked,
			.busy = rows[i].busy,
			.ends_in = rows[i].ends_in};

		assert_int_equal(
			poll_pace_may_be_last(&pace, &needs, rows[i].now), rows[i].may_be_last);
	}
}

static void a_poll_is_fresh_for_as_long_as_another_one_would_take(void **state)
{
	struct poll_pace pace;

	(void)state;
	poll_pace_init(&pace);
	assert_false(poll_pace_is_fresh(&pace, 0));
	pace = make_pace(48000);
	assert_true(poll_pace_is_fresh(&pace, 1060));
	assert_false(poll_pace_is_fresh(&pace, 1061));
	poll_pace_pay(&pace, 1000, 96000, 1048, 48000); /* it was repeated */
	assert_true(poll_pace_is_fresh(&pace, 1108));
	assert_false(poll_pace_is_fresh(&pace, 1109));
	pace = make_pace(100);
	assert_true(poll_pace_is_fresh(&pace, 1000));
	assert_false(poll_pace_is_fresh(&pace, 1001));
}

static void a_turn_lasts_as_long_as_all_its_polls(void **state)
{
	struct poll_pace pace = make_pace(50000);

	(void)state;
	poll_pace_begin_turn(&pace);
	assert_int_equal(poll_pace_turn_ends(&pace, 1000), 1000);
	poll_pace_pay(&pace, 1000, 90000, 1000, 0);
	poll_pace_pay(&pace, 1090, 60000, 1090, 0);
	poll_pace_pay(&pace, 1150, 60500, 1150, 0); /* a stop that passes two states at once */
	poll_pace_pay(&pace, 1211, 40, 1211, 0);
	assert_int_equal(poll_pace_turn_ends(&pace, 1000), 1210);
	poll_pace_begin_turn(&pace);
	assert_int_equal(poll_pace_turn_ends(&pace, 3000), 3000);
}

static void a_decision_that_waits_is_polled_for_when_that_can_be_paid(void **state)
{
	struct poll_pace pace = asked_pace(48000, 20, 10);
	const struct poll_needs needs = {.can_ask = true, .asked = 0, .wants_dump = true};

	(void)state;
	assert_int_equal(poll_pace_stop_at(&pace, &needs), 1250);
	pace.saved_us = 48000;
	assert_int_equal(poll_pace_stop_at(&pace, &needs), 1000);
}

static void an_ending_is_polled_out_of_what_was_saved(void **state)
{
	struct poll_pace pace = make_pace(5000);

	(void)state;
	assert_int_equal(plain_stop_at(&pace, true, 1, 0), 1000);
	poll_pace_pay(&pace, 1000, 5000, 1000, 0);
	poll_pace_pay(&pace, 1000, 5000, 1000, 0);
	assert_int_equal(plain_stop_at(&pace, true, 1, 0), 1000); /* 20 ms of polls in a row */
	poll_pace_pay(&pace, 1000, 5000, 1000, 0);
	assert_int_equal(plain_stop_at(&pace, true, 1, 0), 1167); /* 5 ms at 3 % of a core */
}

static void a_dear_poll_is_never_waited_for_longer_than_250_ms(void **state)
{
	struct poll_pace pace = make_pace(100000);

	(void)state;
	assert_int_equal(poll_pace_affordable_at(&pace), 1250);
	pace = make_pace(900000);
	assert_int_equal(
		poll_pace_affordable_at(&pace), 2800); /* it takes half of a core at most */
}

static void polls_that_are_always_affordable_take_three_percent(void **state)
{
	struct poll_pace pace;
	msec_t now = 1000;
	int64_t spent_us = 0;

	(void)state;
	poll_pace_init(&pace);
	for (; now < 61000; now = msec_max(poll_pace_affordable_at(&pace), now + 1)) {
		poll_pace_pay(&pace, now, 2000, now, 0);
		spent_us += 2000;
	}
	assert_int_in_range(spent_us, 29 * 60000, 30 * 60000 + 20000 + 2000);
}

static void what_is_recent_is_polled_when_it_has_settled(void **state)
{
	struct poll_pace pace = make_pace(1000);

	(void)state;
	assert_int_equal(plain_stop_at(&pace, false, 0, 150), 1154);
	assert_int_equal(plain_stop_at(&pace, false, 1, 150), 1066); /* one is busy */
	assert_int_equal(plain_stop_at(&pace, false, 0, 1), 1005);
}

static void a_dear_poll_confirms_at_once_but_four_times_a_second_at_most(void **state)
{
	struct poll_pace pace = make_pace(100000);

	(void)state;
	assert_int_equal(poll_pace_confirm_at(&pace), 1000);
	pace.confirmed_at = 1010;
	poll_pace_pay(&pace, 1010, 100000, 1010, 0);
	assert_int_equal(poll_pace_confirm_at(&pace), 1260);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_poll_is_at_once),
		cmocka_unit_test(polls_are_as_far_apart_as_they_cost),
		cmocka_unit_test(probes_take_half_a_percent_of_a_core_at_most),
		cmocka_unit_test(an_application_that_starts_is_not_kept_waiting),
		cmocka_unit_test(questions_take_the_place_of_polls),
		cmocka_unit_test(fewer_questions_cost_less),
		cmocka_unit_test(questions_in_a_row_take_half_a_percent),
		cmocka_unit_test(an_ending_is_asked_about_at_once),
		cmocka_unit_test(what_settles_is_asked_about_at_that_moment),
		cmocka_unit_test(what_settles_is_asked_about_before_its_tick),
		cmocka_unit_test(a_dear_poll_begins_before_the_last_ones_settle),
		cmocka_unit_test(an_early_poll_takes_one_walk),
		cmocka_unit_test(the_last_poll_is_known_before),
		cmocka_unit_test(a_poll_is_fresh_for_as_long_as_another_one_would_take),
		cmocka_unit_test(a_turn_lasts_as_long_as_all_its_polls),
		cmocka_unit_test(a_decision_that_waits_is_polled_for_when_that_can_be_paid),
		cmocka_unit_test(no_stream_of_probes_meets_a_poll_more_often_than_one_in_2000),
		cmocka_unit_test(an_ending_is_polled_out_of_what_was_saved),
		cmocka_unit_test(a_dear_poll_is_never_waited_for_longer_than_250_ms),
		cmocka_unit_test(polls_that_are_always_affordable_take_three_percent),
		cmocka_unit_test(what_is_recent_is_polled_when_it_has_settled),
		cmocka_unit_test(a_dear_poll_confirms_at_once_but_four_times_a_second_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "core/tcp/accept_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct accept_queue queue;

static int begin(void **state)
{
	(void)state;
	accept_queue_init(&queue);
	return 0;
}

/* One poll: a listener with so many waiting, of which these cookies are alive, the oldest first. */
static void poll(msec_t now, unsigned waiting, const uint64_t *cookies, size_t count)
{
	struct connection row = {.state = TCP_STATE_LISTEN, .rqueue = waiting, .inode = 7};

	accept_queue_pass_begin(&queue);
	accept_queue_pass_row(&queue, &row);
	for (size_t i = 0; i < count; i++) {
		row = (struct connection){.cookie = cookies[i],
			.state = TCP_STATE_ESTABLISHED,
			.has_info = true,
			.last_data_recv_ms = (uint32_t)(1000 - i)};
		accept_queue_pass_row(&queue, &row);
	}
	accept_queue_pass_end(&queue, now);
}

#define POLL(now, waiting, ...)                                                                    \
	poll(now, waiting, (const uint64_t[]){__VA_ARGS__},                                        \
		sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

static void an_empty_queue_moves(void **state)
{
	(void)state;
	assert_int_equal(accept_queue_stalled_for(&queue), 0);
	poll(100, 0, NULL, 0);
	poll(9100, 0, NULL, 0);
	assert_int_equal(queue.listening, 1);
	assert_int_equal(accept_queue_stalled_for(&queue), 0);
}

static void the_same_one_in_front_stands_still(void **state)
{
	(void)state;
	POLL(1000, 1, 11);
	assert_int_equal(accept_queue_stalled_for(&queue), 0); /* one poll shows no movement */
	POLL(2500, 3, 11, 12, 13);
	assert_int_equal(accept_queue_stalled_for(&queue), 1500);
	POLL(9000, 3, 11, 12, 13);
	assert_int_equal(accept_queue_stalled_for(&queue), 8000);
}

static void a_shorter_queue_has_moved(void **state)
{
	(void)state;
	POLL(1000, 3, 11, 12, 13);
	POLL(9000, 2, 12, 13);
	assert_int_equal(accept_queue_stalled_for(&queue), 0);
}

/* The kernel's clock does not show which one of a burst is in front. */
static void any_of_those_that_came_at_once_may_be_first(void **state)
{
	(void)state;
	POLL(1000, 3, 11, 12, 13);
	for (int i = 0; i < 9; i++) {
		POLL(2000 + 200 * i, 3, 11, 12,
			20 + (uint64_t)i); /* the last one is new each time */
		assert_int_equal(accept_queue_stalled_for(&queue), 0);
	}
}

static void a_long_queue_is_known_by_its_oldest(void **state)
{
	uint64_t cookies[100];

	(void)state;
	for (size_t i = 0; i < 100; i++)
		cookies[i] = 1 + i;
	poll(1000, 100, cookies, 100);
	assert_int_equal(queue.sample.count, ACCEPT_QUEUE_SAMPLE);
	poll(3000, 100, cookies, 100);
	assert_int_equal(accept_queue_stalled_for(&queue), 2000);
	for (size_t i = 0; i < 100; i++)
		cookies[i]++;
	poll(4000, 100, cookies, 100); /* one has come, and one was taken */
	assert_int_equal(accept_queue_stalled_for(&queue), 0);
}

static void a_full_queue_that_moves_is_told_from_one_that_does_not(void **state)
{
	(void)state;
	POLL(1000, 3, 11, 12, 13);
	POLL(9000, 3, 12, 13, 14); /* as long as before, but another one is in front */
	assert_int_equal(accept_queue_stalled_for(&queue), 0);
	POLL(12000, 3, 12, 13, 14);
	assert_int_equal(accept_queue_stalled_for(&queue), 3000);
}

static void it_moves_at_once_when_it_is_empty(void **state)
{
	(void)state;
	POLL(1000, 1, 11);
	POLL(9000, 1, 11);
	poll(9001, 0, NULL, 0);
	assert_int_equal(accept_queue_stalled_for(&queue), 0);
	POLL(9002, 1, 11); /* it does not come back, but would count from here */
	assert_int_equal(accept_queue_stalled_for(&queue), 0);
}

static void a_poll_of_listeners_alone_may_find_it_empty(void **state)
{
	(void)state;
	POLL(1000, 1, 11);
	POLL(3000, 1, 11);
	accept_queue_nobody_waits(&queue, 2, 4000);
	assert_int_equal(queue.listening, 2);
	assert_int_equal(accept_queue_stalled_for(&queue), 0);
	POLL(9000, 1, 12); /* since now, as far as was seen */
	assert_int_equal(accept_queue_stalled_for(&queue), 0);
}

static void an_accepted_connection_does_not_wait(void **state)
{
	const struct connection listener = {.state = TCP_STATE_LISTEN, .rqueue = 1, .inode = 7};
	const struct connection accepted = {
		.cookie = 11, .state = TCP_STATE_ESTABLISHED, .inode = 9};

	(void)state;
	POLL(1000, 1, 11);
	accept_queue_pass_begin(&queue);
	accept_queue_pass_row(&queue, &listener);
	accept_queue_pass_row(&queue, &accepted);
	accept_queue_pass_end(&queue, 9000);
	assert_int_equal(accept_queue_stalled_for(&queue), 0);
}

static void a_client_that_hung_up_still_waits(void **state)
{
	const struct connection listener = {.state = TCP_STATE_LISTEN, .rqueue = 1, .inode = 7};
	const struct connection closed = {.cookie = 11, .state = TCP_STATE_CLOSE_WAIT};

	(void)state;
	POLL(1000, 1, 11);
	accept_queue_pass_begin(&queue);
	accept_queue_pass_row(&queue, &listener);
	accept_queue_pass_row(&queue, &closed);
	accept_queue_pass_end(&queue, 9000);
	assert_int_equal(accept_queue_stalled_for(&queue), 8000);
}

static void a_queue_of_the_dead_stands_still_until_it_gets_shorter(void **state)
{
	(void)state;
	poll(1000, 2, NULL, 0);
	poll(5000, 2, NULL, 0);
	assert_int_equal(accept_queue_stalled_for(&queue), 4000);
	poll(6000, 3, NULL, 0);
	assert_int_equal(accept_queue_stalled_for(&queue), 5000);
	poll(7000, 2, NULL, 0);
	assert_int_equal(accept_queue_stalled_for(&queue), 0);
}

static void a_reset_connection_has_not_moved_the_queue(void **state)
{
	(void)state;
	POLL(1000, 1, 11);
	POLL(2000, 2, 12); /* two wait, and one of them is seen: 11 is dead */
	assert_int_equal(accept_queue_stalled_for(&queue), 1000);
	poll(3000, 2, NULL, 0);
	assert_int_equal(accept_queue_stalled_for(&queue), 2000);
	POLL(4000, 2, 13); /* dead ones were accepted, for one of the two is alive again */
	assert_int_equal(accept_queue_stalled_for(&queue), 0);
}

static void one_that_was_answered_between_two_polls_has(void **state)
{
	(void)state;
	POLL(1000, 1, 11);
	POLL(2000, 1, 12);
	assert_int_equal(accept_queue_stalled_for(&queue), 0);
}

static void a_failed_poll_changes_nothing(void **state)
{
	(void)state;
	POLL(1000, 1, 11);
	POLL(3000, 1, 11);
	accept_queue_pass_begin(&queue);
	assert_int_equal(accept_queue_stalled_for(&queue), 2000);
	POLL(4000, 1, 11);
	assert_int_equal(accept_queue_stalled_for(&queue), 3000);
}

static void doubles_do_no_harm(void **state)
{
	(void)state;
	POLL(1000, 1, 11, 11);
	POLL(2000, 1, 11, 11);
	assert_int_equal(accept_queue_stalled_for(&queue), 1000);
}

/* gVisor's list lacks connections that were not accepted, and what has no inode is no such one. */
static void without_a_queue_nobody_waits(void **state)
{
	(void)state;
	POLL(1000, 0, 11);
	POLL(9000, 0, 11);
	assert_int_equal(accept_queue_stalled_for(&queue), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_empty_queue_moves, begin),
		cmocka_unit_test_setup(the_same_one_in_front_stands_still, begin),
		cmocka_unit_test_setup(
			a_full_queue_that_moves_is_told_from_one_that_does_not, begin),
		cmocka_unit_test_setup(it_moves_at_once_when_it_is_empty, begin),
		cmocka_unit_test_setup(a_poll_of_listeners_alone_may_find_it_empty, begin),
		cmocka_unit_test_setup(an_accepted_connection_does_not_wait, begin),
		cmocka_unit_test_setup(a_client_that_hung_up_still_waits, begin),
		cmocka_unit_test_setup(
			a_queue_of_the_dead_stands_still_until_it_gets_shorter, begin),
		cmocka_unit_test_setup(a_reset_connection_has_not_moved_the_queue, begin),
		cmocka_unit_test_setup(one_that_was_answered_between_two_polls_has, begin),
		cmocka_unit_test_setup(a_shorter_queue_has_moved, begin),
		cmocka_unit_test_setup(any_of_those_that_came_at_once_may_be_first, begin),
		cmocka_unit_test_setup(a_long_queue_is_known_by_its_oldest, begin),
		cmocka_unit_test_setup(a_failed_poll_changes_nothing, begin),
		cmocka_unit_test_setup(doubles_do_no_harm, begin),
		cmocka_unit_test_setup(without_a_queue_nobody_waits, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

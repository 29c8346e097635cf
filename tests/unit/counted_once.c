/* SPDX-License-Identifier: MIT */
/* One request is counted once, whatever makes its connection hold the drain again: the client has sent nothing since. */
#include "core/tcp/conn_tracker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define CAPACITY 8
#define START 1000 /* when the stop began */
#define TICK 4 /* of the kernel's times */
#define D 1500

static struct tracked_conn entries[CAPACITY];
static uint32_t place_index[2 * CAPACITY];
static struct conn_tracker tracker;

/* One connection, and when its bytes moved. */
static struct connection row;
static msec_t received_at, sent_at, acked_at, now;

static void begin_at(msec_t at, bool is_given)
{
	const struct class_settings settings = {.settle = 200,
		.longest_request = D,
		.longest_said = D,
		.is_longest_given = is_given};

	memset(entries, 0, sizeof entries);
	memset(place_index, 0, sizeof place_index);
	conn_tracker_init(&tracker, entries, place_index, CAPACITY, &settings);
	tracker.has_events = true;
	row = (struct connection){.cookie = 1,
		.state = TCP_STATE_ESTABLISHED,
		.inode = 7,
		.peer_port = 4000,
		.has_info = true};
	now = received_at = sent_at = acked_at = at;
}

static uint32_t ago(msec_t at)
{
	return (uint32_t)((now / TICK - at / TICK) * TICK);
}

static const struct connection *row_now(void)
{
	row.last_data_recv_ms = ago(received_at);
	row.last_data_sent_ms = ago(sent_at);
	row.last_ack_recv_ms = ago(acked_at);
	return &row;
}

static void request_comes(void)
{
	row.data_segs_in++;
	row.segs_out++; /* its acknowledgement */
	row.bytes_received += 200;
	received_at = now;
}

static void answer_leaves(void)
{
	row.data_segs_out++;
	row.segs_out++;
	row.bytes_acked += 1000;
	sent_at = acked_at = now;
}

/* Frozen for so long between the look at the clock and the dump. */
static void poll_frozen_for(msec_t frozen_ms)
{
	now += frozen_ms;
	row_now();
	now -= frozen_ms;
	conn_tracker_pass_begin(&tracker);
	conn_tracker_pass_row(&tracker, &row, now);
	conn_tracker_pass_row(
		&tracker, &(struct connection){.cookie = 9, .state = TCP_STATE_LISTEN}, now);
	conn_tracker_pass_end(&tracker, now);
}

static void poll(void)
{
	poll_frozen_for(0);
}

static void poll_until(msec_t until)
{
	for (; now < until; now += 21)
		poll();
}

static void expect(const char *what, int detail, unsigned finished, unsigned cut, unsigned unknown)
{
	const struct conn_totals *totals = &tracker.totals;

	if (totals->finished != finished || totals->cut != cut || totals->unknown != unknown)
		fail_msg("%s, %d: %u finished, %u cut, %u unknown", what, detail, totals->finished,
			totals->cut, totals->unknown);
}

/* docker pause: application and lastcall run again at one moment, and the answer leaves just before lastcall's turn
 * or just after. */
static void an_answer_that_leaves_at_the_thaw_is_one(void **state)
{
	(void)state;
	for (int later = -12; later <= 12; later++) {
		begin_at(START - 100, true);
		request_comes();
		now = START;
		conn_tracker_start(&tracker, START);
		poll();
		now = START + 2100 + (later < 0 ? later : 0);
		if (later < 0)
			answer_leaves();
		now = START + 2100;
		conn_tracker_note_late(&tracker, START + 10, now);
		poll();
		now += later > 0 ? later : 0;
		if (later >= 0)
			answer_leaves();
		poll_until(START + 8000);
		expect("ms after the thaw", later, 1, 0, 0);
	}
}

/* The answer leaves at the thaw, ticks decide at each poll whether the pause belongs to the silence, and the application
 * dies of its signal. */
static void the_death_of_a_server_does_not_take_back_an_answer(void **state)
{
	(void)state;
	for (int later = -12; later <= 12; later++) {
		for (int after = D + 40; after < 2 * D; after += 37) {
			struct connection last;

			begin_at(START - 100, true);
			request_comes();
			now = START;
			conn_tracker_start(&tracker, START);
			poll();
			now = START + 2100 + later;
			answer_leaves();
			now = START + 2100;
			conn_tracker_note_late(&tracker, START + 10, now);
			if (later > 0)
				now += later;
			poll_until(START + 2100 + after);
			if (tracker.totals.finished == 0 && later <= TICK)
				continue; /* the pause belongs to its silence, for all that is known */
			expect("silent", later, 1, 0, 0);
			conn_tracker_app_signalled(&tracker);
			poll();
			conn_tracker_app_died(&tracker, false, ++now);
			last = *row_now();
			last.state = TCP_STATE_CLOSE;
			conn_tracker_ended(&tracker, &last, now);
			expect("dead", later, 1, 0, 0);
		}
	}
}

/* A request is in flight when the stop begins, and is answered 50 ms later. */
static void answer_during_the_stop(void)
{
	begin_at(START - 100, true);
	request_comes();
	now = START;
	conn_tracker_start(&tracker, START);
	poll();
	now += 50;
	answer_leaves();
}

static void answered_request(void)
{
	answer_during_the_stop();
	poll_until(START + 4000);
	expect("answered", 0, 1, 0, 0);
}

static void a_poll_that_is_frozen_ends_no_doubt_for_good(void **state)
{
	(void)state;
	answer_during_the_stop();
	poll_until(START + 1000);
	assert_int_equal(tracker.counts.held, 1);
	poll_frozen_for(2000);
	now += 2000;
	conn_tracker_note_interrupted(&tracker, now - 2000, now);
	poll();
	assert_int_equal(tracker.counts.held, 1);
	poll_until(START + 50 + D + 2000 - 21);
	assert_int_equal(tracker.counts.held, 1);
	poll_until(START + 50 + D + 2000 + 60);
	assert_int_equal(tracker.counts.held, 0);
	conn_tracker_note_late(&tracker, now - 200, now);
	poll();
	assert_int_equal(tracker.counts.held, 0);
	expect("answered", 0, 1, 0, 0);
}

/* The same answer goes on: what is known in the end is said of it, and nothing else. */
static void an_answer_that_goes_on_after_a_pause_is_one(void **state)
{
	struct connection last;

	(void)state;
	answered_request();
	answer_leaves();
	poll_until(START + 8000);
	expect("another piece", 0, 1, 0, 0);
	answer_leaves();
	row.wqueue = 5000;
	poll();
	tracker.app_killed = true;
	last = *row_now();
	last.state = TCP_STATE_CLOSE;
	conn_tracker_ended(&tracker, &last, now + 1);
	expect("a piece that is lost", 0, 0, 1, 0);
}

static void the_next_request_is_another_one(void **state)
{
	(void)state;
	answered_request();
	request_comes();
	poll();
	now += 50;
	answer_leaves();
	poll_until(START + 9000);
	expect("the next request", 0, 2, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_that_leaves_at_the_thaw_is_one),
		cmocka_unit_test(the_death_of_a_server_does_not_take_back_an_answer),
		cmocka_unit_test(a_poll_that_is_frozen_ends_no_doubt_for_good),
		cmocka_unit_test(an_answer_that_goes_on_after_a_pause_is_one),
		cmocka_unit_test(the_next_request_is_another_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

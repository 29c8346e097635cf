/* SPDX-License-Identifier: MIT */
#include "core/tcp/conn_tracker.h"

#include "core/tcp/tracker_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#define CAPACITY 64
#define START 1000 /* when the stop began */

static struct tracked_conn entries[CAPACITY];
static uint32_t place_index[2 * CAPACITY];
static struct conn_tracker tracker;
static const struct class_settings settings = {.settle = 200, .longest_request = 10000};

static int begin(void **state)
{
	(void)state;
	memset(entries, 0, sizeof entries);
	memset(place_index, 0, sizeof place_index);
	conn_tracker_init(&tracker, entries, place_index, CAPACITY, &settings);
	conn_tracker_start(&tracker, START);
	return 0;
}

static struct connection idle(uint64_t cookie)
{
	return (struct connection){.cookie = cookie,
		.state = TCP_STATE_ESTABLISHED,
		.inode = 7,
		.peer_port = 4000,
		.has_info = true,
		.last_data_sent_ms = 2100,
		.last_data_recv_ms = 9000,
		.last_ack_recv_ms = 2060,
		.data_segs_in = 13,
		.bytes_received = 28,
		.bytes_acked = 70,
		.segs_out = 14,
		.data_segs_out = 13};
}

static struct connection busy(uint64_t cookie)
{
	struct connection c = idle(cookie);

	c.last_data_recv_ms = 500;
	c.bytes_received = 56; /* each moves when this follows that */
	c.bytes_acked = 0;
	c.segs_out = 13;
	c.data_segs_out = 12;
	return c;
}

static struct connection with_queue(uint64_t cookie, enum tcp_state tcp_state, uint32_t wqueue)
{
	struct connection c = idle(cookie);

	c.state = (uint8_t)tcp_state;
	c.wqueue = wqueue;
	if (tcp_state != TCP_STATE_ESTABLISHED)
		c.inode = 0;
	return c;
}

static struct connection ended(struct connection c)
{
	c.state = TCP_STATE_CLOSE;
	c.inode = 0;
	return c;
}

/* The application has closed it, and its FIN is not acknowledged. */
static struct connection with_fin(struct connection c)
{
	c.state = TCP_STATE_FIN_WAIT1;
	c.inode = 0;
	c.wqueue = 1;
	return c;
}

/* The application has sent a segment so long ago. */
static struct connection with_sent(struct connection c, uint64_t bytes, uint32_t sent_ms)
{
	c.data_segs_out++;
	c.bytes_acked += bytes;
	c.last_data_sent_ms = sent_ms;
	return c;
}

/* The client has sent a segment so long ago. */
static struct connection with_received(struct connection c, uint64_t bytes, uint32_t received_ms)
{
	c.data_segs_in++;
	c.bytes_received += bytes;
	c.last_data_recv_ms = received_ms;
	return c;
}

static void poll(const struct connection *rows, size_t count, msec_t now)
{
	conn_tracker_pass_begin(&tracker);
	for (size_t i = 0; i < count; i++)
		conn_tracker_pass_row(&tracker, &rows[i], now);
	conn_tracker_pass_end(&tracker, now);
}

#define POLL(now, ...)                                                                             \
	poll((const struct connection[]){__VA_ARGS__},                                             \
		sizeof((const struct connection[]){__VA_ARGS__}) / sizeof(struct connection), now)

static void every_class_is_counted(void **state)
{
	struct connection listener = {.cookie = 9, .state = TCP_STATE_LISTEN, .rqueue = 1};
	struct connection unaccepted = busy(3);

	(void)state;
	unaccepted.inode = 0;
	POLL(1000, busy(1), idle(2), unaccepted, with_queue(4, TCP_STATE_FIN_WAIT1, 11), listener);
	assert_int_equal(tracker.counts.open, 3);
	assert_int_equal(tracker.counts.busy, 2);
	assert_int_equal(tracker.counts.held, 2);
	assert_int_equal(tracker.counts.idle, 1);
	assert_int_equal(tracker.counts.unaccepted, 1);
	assert_int_equal(tracker.counts.listening, 1);
	assert_int_equal(tracker.counts.undelivered, 1);
	assert_int_equal(tracker.counts.undelivered_bytes, 10);
	assert_int_equal(tracker.totals.peak_busy, 2);
}

static void poll_internal(const struct connection *row)
{
	conn_tracker_pass_begin(&tracker);
	conn_tracker_pass_internal(&tracker, row);
	conn_tracker_pass_end(&tracker, 1000);
}

/* Also where it was taken for a client's before. */
static void an_internal_connection_holds_by_proof_and_counts_for_nothing(void **state)
{
	struct connection row = busy(1), answered = idle(1);

	(void)state;
	poll(NULL, 0, 1000);
	POLL(1005, row);
	tracker.has_events = true;
	poll_internal(&row);
	assert_int_equal(tracker.counts.held, 1);
	assert_int_equal(tracker.counts.busy + tracker.counts.open, 0);
	row.last_data_recv_ms =
		TRACKER_INTERNAL_MS + 1; /* a queue's reader that waits for its next job */
	row.last_data_sent_ms = TRACKER_INTERNAL_MS + 100;
	poll_internal(&row);
	assert_int_equal(tracker.counts.held, 0);
	row.rqueue = 1;
	poll_internal(&row);
	assert_int_equal(tracker.counts.held, 1);
	poll_internal(&answered);
	assert_int_equal(tracker.counts.held, 0);
	for (int i = 0; i < 3; i++)
		poll(NULL, 0, 1050 + i);
	assert_false(conn_tracker_awaits_events(&tracker));
	conn_tracker_finish(&tracker);
	assert_int_equal(tracker.totals.finished + tracker.totals.cut + tracker.totals.unknown, 0);
	assert_int_equal(tracker.totals.blockers.count, 0);
}

static struct connection unsure(uint64_t cookie)
{
	struct connection c = idle(cookie);

	c.data_segs_out = c.data_segs_in = 2;
	c.segs_out = 4;
	return c;
}

static void doubt_holds_and_is_no_request(void **state)
{
	struct connection quiet = unsure(1);

	(void)state;
	POLL(1000, unsure(1), idle(2));
	assert_int_equal(tracker.counts.busy, 0);
	assert_int_equal(tracker.counts.unsure, 1);
	assert_int_equal(tracker.counts.held, 1);
	assert_int_equal(tracker.counts.idle, 1);
	assert_int_equal(tracker.counts.doubt_ends_in, 7900);
	quiet.last_data_sent_ms += 7900;
	quiet.last_data_recv_ms += 7900;
	POLL(8900, quiet);
	assert_int_equal(tracker.counts.held, 0);
	assert_int_equal(tracker.totals.unknown, 1);
	assert_int_equal(tracker.totals.finished, 0);
	assert_int_equal(tracker.totals.busy_at_start, 0);
	assert_int_equal(tracker.totals.longest_ms, 0);
	assert_int_equal(tracker.totals.blockers.count, 1);
	assert_int_equal(tracker.totals.blockers.list[0].held_class, CONNECTION_UNSURE);
	assert_int_equal(tracker.totals.blockers.list[0].ending, CONNECTION_UNKNOWN);
}

static void poll_unseen(unsigned unseen, msec_t now)
{
	conn_tracker_pass_begin(&tracker);
	conn_tracker_pass_unseen(&tracker, unseen, now);
	conn_tracker_pass_end(&tracker, now);
}

static void those_that_cannot_be_seen_hold_in_doubt(void **state)
{
	(void)state;
	poll_unseen(2, START + 4000);
	assert_int_equal(tracker.counts.held, 2);
	assert_int_equal(tracker.counts.unsure, 2);
	assert_int_equal(tracker.counts.unproven, 2);
	assert_int_equal(tracker.counts.doubt_ends_in, 6000);
	poll_unseen(2, START + 10000);
	assert_int_equal(tracker.counts.held, 0);
	conn_tracker_finish(&tracker);
	assert_int_equal(tracker.totals.unknown, 2);
}

static void what_ends_in_doubt_is_unknown(void **state)
{
	struct connection last = ended(unsure(1));

	(void)state;
	POLL(1000, unsure(1), unsure(2));
	conn_tracker_app_signalled(&tracker);
	conn_tracker_ended(&tracker, &last, 1100);
	conn_tracker_finish(&tracker);
	assert_int_equal(tracker.totals.unknown, 2);
	assert_int_equal(tracker.totals.cut, 0);
	assert_int_equal(tracker.totals.finished, 0);
}

/* A poll's dump takes up to 50 ms, and its event may come before the poll is over: the counts are then old. */
static void an_end_that_the_counts_do_not_show_is_known(void **state)
{
	static const struct {
		bool in_dump, ends;
		bool counts_ended;
	} rows[] = {{true, true, true}, {true, false, false}, {false, true, false}};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct connection row = busy(1), other = busy(2), last = ended(row);

		(void)begin(state);
		POLL(1000, row, other);
		conn_tracker_pass_begin(&tracker);
		conn_tracker_pass_row(&tracker, &other, 2000);
		if (rows[i].in_dump)
			conn_tracker_pass_row(&tracker, &row, 2000);
		if (rows[i].ends)
			conn_tracker_ended(&tracker, &last, 2000);
		conn_tracker_pass_end(&tracker, 2000);
		assert_int_equal(tracker.counts_ended, rows[i].counts_ended);
		assert_int_equal(tracker.counts.held, 1 + rows[i].in_dump);
		POLL(3000, other);
		assert_false(tracker.counts_ended);
	}
}

static struct connection aged(struct connection c, uint32_t ms)
{
	c.last_data_sent_ms += ms;
	c.last_data_recv_ms += ms;
	c.last_ack_recv_ms += ms;
	return c;
}

static void doubt_that_is_answered_was_a_request(void **state)
{
	struct connection first = unsure(1), second = unsure(2);

	(void)state;
	first.last_data_recv_ms = second.last_data_recv_ms = 2104;
	POLL(1000, first, second);
	first = aged(first, 1000);
	second = aged(second, 1000);
	POLL(2000, first, second);
	first = aged(first, 20);
	first.bytes_acked += 700;
	first.last_data_sent_ms = 4;
	POLL(2020, first, aged(second, 20));
	POLL(4020, aged(first, 2000), aged(second, 2020));
	assert_int_equal(tracker.totals.finished, 1);
	second = ended(aged(second, 2040));
	second.bytes_acked += 701; /* with its FIN */
	second.last_data_sent_ms = 4;
	conn_tracker_app_signalled(&tracker);
	conn_tracker_ended(&tracker, &second, 4040);
	assert_int_equal(tracker.totals.finished, 2);
	assert_int_equal(tracker.totals.unknown, 0);
}

/* A connection of nginx to its upstream, as the kernel showed it (Linux 6.18). Each request has 83 bytes, each
 * answer 313 in two segments. */
static struct connection upstream(
	unsigned requests, unsigned answers, uint32_t asked_ms, uint32_t sent_ms)
{
	return (struct connection){.cookie = 1,
		.state = TCP_STATE_ESTABLISHED,
		.inode = 7,
		.peer_port = 49346,
		.has_info = true,
		.last_data_sent_ms = sent_ms,
		.last_data_recv_ms = asked_ms,
		.last_ack_recv_ms = sent_ms,
		.data_segs_in = requests,
		.bytes_received = 83ULL * requests,
		.bytes_acked = 313ULL * answers,
		.segs_out = 2 * answers + 2,
		.data_segs_out = 2 * answers};
}

/* What a later poll, the application or the client does after the tie. */
enum after_tie { NOTHING, READ_LATE, ANSWERED_LATER, LEFT_BEFORE_SIGNAL, HALF_CLOSED, DIED };

static const struct {
	enum after_tie after;
	unsigned finished, cut, unknown;
} ties[] = {
	{NOTHING, 0, 0, 1},
	{READ_LATE, 0, 1, 0}, /* after the answer left: the answer was an earlier one's */
	{ANSWERED_LATER, 1, 0, 0},
	{LEFT_BEFORE_SIGNAL, 0, 0, 0},
	{HALF_CLOSED, 0, 0, 1}, /* its FIN is acknowledged, which is no sign of a request */
	{DIED, 0, 0, 1},
};

static void poll_after_tie(enum after_tie after)
{
	struct connection row = upstream(5, 5, 27, 27);

	row.rqueue = after == READ_LATE ? 83 : 0;
	if (after == HALF_CLOSED) {
		row.state = TCP_STATE_CLOSE_WAIT;
		row.bytes_received++;
		row.segs_out++;
	}
	POLL(START + 920, row);
	row.rqueue = 0;
	POLL(START + 1120, aged(row, 200));
	if (after == ANSWERED_LATER)
		POLL(START + 1220, upstream(5, 6, 327, 7));
}

static void a_request_in_the_tick_of_an_answer_may_be_answered(void **state)
{
	for (size_t i = 0; i < sizeof ties / sizeof *ties; i++) {
		const enum after_tie after = ties[i].after;
		struct connection last = upstream(5, 5, 5428, 5428);

		begin(state);
		POLL(START + 149, upstream(4, 3, 32, 120));
		assert_int_equal(tracker.counts.busy, 1);
		poll_after_tie(after);
		if (after == ANSWERED_LATER)
			last = upstream(5, 6, 5428, 5108);
		last = ended(last);
		last.bytes_received++; /* the client's FIN */
		if (after == DIED)
			conn_tracker_finish(&tracker);
		if (after != LEFT_BEFORE_SIGNAL)
			conn_tracker_app_signalled(&tracker);
		conn_tracker_ended(&tracker, &last, START + 6321);
		if (tracker.totals.finished != ties[i].finished ||
			tracker.totals.cut != ties[i].cut ||
			tracker.totals.unknown != ties[i].unknown)
			fail_msg("row %zu: %u finished, %u cut, %u unknown", i,
				tracker.totals.finished, tracker.totals.cut,
				tracker.totals.unknown);
	}
}

static void doubt_that_becomes_a_request_is_one(void **state)
{
	struct connection answered = idle(1);

	(void)state;
	POLL(1000, unsure(1));
	POLL(1700, busy(1));
	assert_int_equal(tracker.totals.busy_at_start, 0);
	POLL(4000, answered);
	assert_int_equal(tracker.totals.finished, 1);
	assert_int_equal(tracker.totals.unknown, 0);
}

/* Its user says that no request takes longer; what it was is not known. */
static void what_the_longest_request_has_ended_is_unknown(void **state)
{
	struct connection waits = busy(1), last;

	(void)state;
	tracker.settings.is_longest_given = true;
	POLL(1000, waits);
	assert_int_equal(tracker.totals.busy_at_start, 1);
	waits.last_data_sent_ms += 10000;
	waits.last_data_recv_ms += 10000;
	POLL(11000, waits);
	assert_int_equal(tracker.counts.held, 0);
	assert_int_equal(tracker.totals.unknown, 1);
	conn_tracker_app_signalled(&tracker);
	last = ended(waits);
	conn_tracker_ended(&tracker, &last, 11100);
	assert_int_equal(tracker.totals.unknown, 1);
	assert_int_equal(tracker.totals.cut, 0);
}

static void a_client_that_only_talks_is_never_cut(void **state)
{
	struct connection talker = busy(1), last;

	(void)state;
	for (msec_t now = 1000; now < 3000; now += 20) {
		talker.last_data_sent_ms += 20;
		talker.last_data_recv_ms = (uint32_t)(now % 1000);
		talker.bytes_received = (uint64_t)(100 * (now / 1000));
		POLL(now, talker);
		assert_int_equal(tracker.counts.busy, 1);
	}
	conn_tracker_app_signalled(&tracker);
	last = ended(talker);
	conn_tracker_ended(&tracker, &last, 3000);
	assert_int_equal(tracker.totals.cut, 0);
	assert_int_equal(tracker.totals.unknown, 1);
}

static void no_number_of_failed_polls_hides_a_connection(void **state)
{
	for (int failed = 250; failed < 260; failed++) {
		begin(state);
		POLL(START, busy(1));
		for (int i = 0; i < failed; i++)
			conn_tracker_pass_begin(&tracker);
		POLL(START + 5000, busy(1));
		assert_int_equal(tracker.counts.busy, 1);
	}
}

static void who_asks_again_is_known(void **state)
{
	struct connection early = busy(1), again = busy(2);

	(void)state;
	POLL(1000, early, idle(2));
	assert_true(tracker.counts.holds_from_before);
	again.last_data_recv_ms = 4;
	again.bytes_acked = 140;
	POLL(1500, early, again);
	assert_true(tracker.counts.holds_from_before);
	assert_int_equal(tracker.counts.in_flight, 2);
	POLL(1600, idle(1), again, busy(3)); /* 3 was opened since */
	assert_false(tracker.counts.holds_from_before);
	assert_int_equal(tracker.counts.in_flight, 2);
	assert_int_equal(tracker.counts.oldest_request_ms, 100);
}

static void a_row_that_comes_twice_counts_once(void **state)
{
	(void)state;
	POLL(1000, busy(1), idle(2), busy(1));
	assert_int_equal(tracker.counts.open, 2);
	assert_int_equal(tracker.counts.busy, 1);
}

static void a_poll_that_fails_changes_no_count(void **state)
{
	const struct connection row = busy(2);

	(void)state;
	POLL(1000, busy(1));
	conn_tracker_pass_begin(&tracker);
	conn_tracker_pass_row(&tracker, &row, 1010);
	assert_int_equal(tracker.counts.busy, 1); /* of the last complete poll */
	POLL(1020, busy(1), busy(2));
	assert_int_equal(tracker.counts.busy, 2);
	assert_int_equal(tracker.totals.arrived, 1);
}

static void work_that_is_answered_is_finished(void **state)
{
	struct connection again = busy(1), answered = idle(1);

	(void)state;
	POLL(1000, busy(1), idle(2));
	POLL(1300, idle(1), idle(2));
	assert_int_equal(tracker.totals.finished, 1);
	assert_int_equal(
		tracker.totals.longest_ms, 500); /* its request came 500 ms before the poll */
	again.data_segs_in = answered.data_segs_in = 14;
	POLL(1400, again, idle(2));
	POLL(1500, answered, idle(2));
	assert_int_equal(tracker.totals.finished, 2);
	assert_int_equal(tracker.totals.arrived, 0);
}

static void a_pause_shorter_than_settle_is_the_same_work(void **state)
{
	struct connection recent = idle(1);

	(void)state;
	recent.last_data_sent_ms = 20;
	recent.last_data_recv_ms = 300;
	POLL(1000, busy(1));
	POLL(1100, recent);
	assert_int_equal(tracker.counts.busy, 0);
	assert_int_equal(tracker.counts.held, 1);
	assert_int_equal(tracker.totals.finished, 0);
	POLL(1200, busy(1));
	POLL(1600, idle(1));
	assert_int_equal(tracker.totals.finished, 1);
	assert_int_equal(tracker.totals.longest_ms, 700);
}

static void what_was_busy_at_the_start_may_be_found_out_later(void **state)
{
	struct connection tie = idle(2), later = busy(3);

	(void)state;
	tie.last_data_sent_ms = tie.last_data_recv_ms = 20; /* recent: not decided yet */
	POLL(1000, busy(1), tie, idle(3));
	assert_int_equal(tracker.totals.busy_at_start, 1);
	tie = busy(2); /* its request came 300 ms before the start */
	later.last_data_recv_ms = 100;
	POLL(1200, busy(1), tie, later);
	assert_int_equal(tracker.totals.busy_at_start, 2);
}

static void what_was_busy_at_the_start_is_counted_once(void **state)
{
	struct connection fin = idle(1);

	(void)state;
	fin.wqueue = 1; /* read with the state before: seen with Linux 6.1 on a slow machine */
	fin.last_data_recv_ms = 800;
	POLL(1000, busy(1));
	POLL(1500, idle(1));
	POLL(1520, fin);
	assert_int_equal(tracker.totals.busy_at_start, 1);
}

static void what_remains_of_a_connection_is_no_arrival(void **state)
{
	struct connection remains = idle(2);

	(void)state;
	POLL(1000, busy(1));
	remains.state = TCP_STATE_FIN_WAIT2;
	POLL(1020, busy(1), remains);
	assert_int_equal(tracker.totals.arrived, 0);
	assert_int_equal(tracker.followed.count, 1);
}

static void an_ending_after_the_answer_is_finished(void **state)
{
	struct connection last = ended(idle(1));

	(void)state;
	last.last_data_sent_ms = 0;
	POLL(1000, busy(1));
	conn_tracker_ended(&tracker, &last, 1400);
	poll(NULL, 0, 1420);
	assert_int_equal(tracker.totals.finished, 1);
	assert_int_equal(tracker.totals.cut, 0);
	assert_int_equal(tracker.totals.longest_ms, 900);
}

/* It was answered 700 ms after its last byte, and closed seconds later: by its server's stop signal. */
static void a_lone_fin_is_none_of_the_time_of_a_request(void **state)
{
	struct connection row = unsure(1);

	(void)state;
	row.data_segs_out = 1;
	row.last_data_recv_ms = 500;
	POLL(1000, row);
	assert_int_equal(tracker.counts.busy, 1);
	row = with_sent(row, 70, 100);
	row.last_data_recv_ms = 800;
	POLL(1300, row);
	assert_int_equal(tracker.counts.held, 1);
	conn_tracker_app_signalled(&tracker);
	row = with_fin(row);
	row.last_data_sent_ms = 3300;
	row.last_data_recv_ms = 4000;
	POLL(4500, row);
	row = ended(row);
	row.last_data_sent_ms = 3340;
	row.last_data_recv_ms = 4040;
	conn_tracker_ended(&tracker, &row, 4540);
	assert_int_equal(tracker.totals.finished, 1);
	assert_int_equal(tracker.totals.longest_ms, 700);
	assert_int_equal(tracker.totals.blockers.list[0].age_ms, 700);
	assert_int_equal(tracker.totals.blockers.list[0].held_ms, 3540);
}

/* Where polls are dear, a client may come, be answered, keep its connection and leave between two of them. */
static void a_connection_that_no_poll_saw_held_until_its_answer(void **state)
{
	struct connection answered = ended(idle(1)), waiting = ended(busy(2));

	(void)state;
	poll(NULL, 0, 1000);
	answered.last_data_recv_ms = 5000;
	answered.last_data_sent_ms = 4990;
	conn_tracker_ended(&tracker, &answered, 9000);
	assert_int_equal(tracker.totals.finished, 1);
	assert_int_equal(tracker.totals.longest_ms, 10);
	assert_int_equal(tracker.totals.blockers.list[0].held_ms, 3010);
	assert_int_equal(tracker.totals.blockers.list[0].quiet_ms, 0);
	conn_tracker_ended(&tracker, &waiting, 9000); /* unanswered to its end */
	assert_int_equal(tracker.totals.longest_ms, 500);
	assert_int_equal(tracker.totals.blockers.list[0].held_ms, 8000);
}

/* HTTP/2's GOAWAY, TLS's close_notify: sent as soon as the answer is there. */
static void a_last_word_in_the_tick_of_the_answer_takes_nothing_from_it(void **state)
{
	struct connection last = ended(with_received(with_sent(busy(1), 70, 0), 24, 0));

	(void)state;
	POLL(1000, busy(1));
	conn_tracker_ended(&tracker, &last, 1400);
	poll(NULL, 0, 1420);
	assert_int_equal(tracker.totals.finished, 1);
}

/* TLS's close_notify to a client that has closed its socket without one, as Python's do. */
static void what_is_said_to_a_client_that_left_with_its_answer_is_not_lost(void **state)
{
	struct connection row = with_sent(busy(1), 700, 4), last = ended(row);

	(void)state;
	last.data_segs_out++;
	last.wqueue = 25;
	POLL(1000, busy(1));
	POLL(1020, row);
	conn_tracker_ended(&tracker, &last, 1024);
	poll(NULL, 0, 1040);
	assert_int_equal(tracker.totals.lost_bytes, 0);
	assert_int_equal(tracker.totals.finished, 1);
}

static void a_last_word_that_a_poll_has_seen_is_no_request(void **state)
{
	struct connection word = with_received(with_sent(busy(1), 700, 4), 24, 0),
			  last = ended(word);
	struct connection asks = with_received(idle(2), 50, 0), slow = ended(asks);

	(void)state;
	last.data_segs_out++;
	last.wqueue = 25; /* not acknowledged: the server's last word, and its FIN */
	slow.last_data_recv_ms = 5000;
	slow.last_data_sent_ms = 9000;
	POLL(1000, busy(1), idle(2));
	POLL(1020, word, asks);
	conn_tracker_ended(&tracker, &last, 1030);
	conn_tracker_ended(&tracker, &slow, 6020); /* or its server takes long to hear it */
	poll(NULL, 0, 6030);
	assert_int_equal(tracker.totals.finished, 1);
	assert_int_equal(tracker.totals.lost_bytes, 0);
	assert_int_equal(tracker.totals.blockers.list[0].ending, CONNECTION_HELD);
	conn_tracker_app_died(&tracker, false, 6040); /* or this has ended it */
	assert_int_equal(tracker.totals.unknown, 1);
	assert_int_equal(tracker.totals.cut, 0);
}

/* What came since the last poll, on a connection that was at rest or had never been used. */
static void a_request_that_only_the_end_shows_is_counted(void **state)
{
	static const struct {
		bool is_fresh, is_answered, dies;
		uint32_t bytes;
		unsigned finished, cut, unknown;
	} rows[] = {
		{false, true, false, 400, 1, 0, 0}, {false, true, true, 400, 0, 0, 1},
		{false, false, false, 400, 0, 0, 0}, /* its client gave up */
		{false, false, true, 400, 0, 1, 0},
		{false, false, true, 137, 0, 0, 1}, /* or last words, */
		{false, false, true, 24, 0, 0, 0}, /* or one */
		{true, false, false, 24, 0, 0, 0},
		{true, false, true, 24, 0, 1, 0}, /* but not to a server that has said nothing: */
		{true, true, false, 24, 1, 0, 0}, /* what it has said since is the answer */
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct connection row = idle(1), last;

		begin(state);
		if (rows[i].is_fresh)
			row.data_segs_in = row.data_segs_out = row.segs_out = 0;
		POLL(START, row);
		last = with_received(row, rows[i].bytes, rows[i].is_answered ? 8 : 4);
		last = ended(rows[i].is_answered ? with_sent(last, 700, 4) : last);
		conn_tracker_ended(&tracker, &last, START + 20);
		if (rows[i].dies)
			conn_tracker_app_died(&tracker, false, START + 30);
		if (tracker.totals.finished != rows[i].finished ||
			tracker.totals.cut != rows[i].cut ||
			tracker.totals.unknown != rows[i].unknown)
			fail_msg("row %zu: %u finished, %u cut, %u unknown", i,
				tracker.totals.finished, tracker.totals.cut,
				tracker.totals.unknown);
	}
}

/* The client of the last request says its last word and leaves; a poll sees the connection close, and so the application
 * is signalled. The event comes after that. */
static void a_last_word_before_the_signal_is_no_request_after_it(void **state)
{
	struct connection last = ended(with_received(with_sent(busy(1), 700, 12), 24 + 1, 4));
	struct connection closing = with_fin(last);

	(void)state;
	closing.state = TCP_STATE_LAST_ACK;
	POLL(1000, busy(1));
	POLL(1020, closing);
	conn_tracker_app_signalled(&tracker);
	conn_tracker_ended(&tracker, &last, 1024);
	poll(NULL, 0, 1040);
	assert_int_equal(tracker.totals.finished, 1);
	assert_int_equal(tracker.totals.blockers.list[0].ending, CONNECTION_FINISHED);
}

static void an_ending_without_an_answer_is_cut_once_the_application_was_told(void **state)
{
	struct connection first = ended(busy(1)), second = ended(busy(2));

	(void)state;
	POLL(1000, busy(1), busy(2));
	conn_tracker_ended(&tracker, &first,
		1100); /* before the application was signalled: the client gave up */
	assert_int_equal(tracker.totals.cut, 0);
	conn_tracker_app_signalled(&tracker);
	conn_tracker_ended(&tracker, &second, 1200);
	poll(NULL, 0, 1210);
	assert_int_equal(tracker.totals.cut, 1);
	assert_int_equal(tracker.totals.finished, 0);
}

static void a_crash_is_no_choice_of_the_clients(void **state)
{
	struct connection first = ended(busy(1)), second = ended(busy(2)), third = ended(busy(3));

	(void)state;
	POLL(START, busy(1), busy(2), busy(3));
	conn_tracker_ended(&tracker, &first, START + 100); /* a client that did give up */
	conn_tracker_ended(&tracker, &second, START + 900);
	conn_tracker_ended(&tracker, &third, START + 901);
	conn_tracker_app_died(&tracker, false, START + 1345);
	assert_int_equal(tracker.totals.cut, 2);
	conn_tracker_app_died(&tracker, false, START + 1346);
	assert_int_equal(tracker.totals.cut, 2);
}

/* A stream whose piece has just left rests as an answered connection does. A server that exits in order has closed
 * what it was done with; one that its stop signal ends at once has cut it. */
static void what_rests_when_the_signal_ends_its_server_may_have_been_cut(void **state)
{
	for (int in_order = 0; in_order <= 1; in_order++) {
		struct connection rests = idle(1), last;

		begin(state);
		rests.last_data_sent_ms = 100;
		rests.last_data_recv_ms = 9000;
		POLL(START, rests);
		assert_int_equal(tracker.counts.held, 1);
		assert_int_equal(tracker.counts.busy + tracker.counts.unsure, 0);
		conn_tracker_app_signalled(&tracker);
		last = ended(rests);
		conn_tracker_ended(&tracker, &last, START + 30);
		assert_int_equal(tracker.totals.unknown, 0);
		conn_tracker_app_died(&tracker, in_order, START + 40);
		assert_int_equal(tracker.totals.unknown, !in_order);
		assert_int_equal(tracker.totals.finished + tracker.totals.cut, 0);
	}
}

/* Where the drain budget is shorter than the longest request, silence that is as long proves nothing. */
static void what_is_idle_for_lack_of_time_is_unknown(void **state)
{
	static const struct {
		uint32_t quiet;
		msec_t said;
		unsigned unknown;
	} rows[] = {
		{500, 10000, 0}, /* held */
		{1500, 10000, 1},
		{1500, 900, 0},
		{12000, 10000, 0},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct connection young = idle(1);

		begin(state);
		tracker.settings.longest_request = 900;
		tracker.settings.longest_said = rows[i].said;
		young.data_segs_in = 2;
		young.data_segs_out = 2;
		young.last_data_recv_ms = young.last_data_sent_ms = rows[i].quiet;
		young.last_ack_recv_ms = rows[i].quiet;
		POLL(START, young);
		POLL(START + 20, young);
		assert_int_equal(tracker.counts.held, i == 0);
		if (tracker.totals.unknown != rows[i].unknown)
			fail_msg("row %zu: %u unknown", i, tracker.totals.unknown);
		assert_int_equal(tracker.totals.busy_at_start, 0);
	}
}

/* Pieces of a stream have left, and the drain has no time for a pause as long as the user says that one may be. */
static void a_silence_that_was_cut_short_finishes_nothing(void **state)
{
	static const struct {
		bool is_given;
		msec_t said;
		unsigned finished, unknown;
	} rows[] = {
		{true, 900, 1, 0}, {true, 4000, 0, 1}, {false, 4000, 1, 0}, /* a guess of ours */
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct connection asked = busy(1), piece;

		begin(state);
		tracker.settings.longest_request = 900;
		tracker.settings.longest_said = rows[i].said;
		tracker.settings.is_longest_given = rows[i].is_given;
		POLL(START, asked);
		piece = asked;
		for (uint32_t at = 20; at <= 1170; at += 50) {
			bool leaves = at == 20 || at == 220;

			piece.data_segs_out += leaves;
			piece.bytes_acked += leaves ? 1000 : 0;
			piece.last_data_recv_ms = 500 + at;
			piece.last_data_sent_ms = leaves ? 10 : piece.last_data_sent_ms + 50;
			piece.last_ack_recv_ms = piece.last_data_sent_ms;
			POLL(START + at, piece);
		}
		if (tracker.totals.finished != rows[i].finished ||
			tracker.totals.unknown != rows[i].unknown)
			fail_msg("row %zu: %u finished, %u unknown", i, tracker.totals.finished,
				tracker.totals.unknown);
	}
}

/* Polls see that it is closed, and no event has come yet: whether the application dies is to be asked. */
static void a_doubtful_connection_that_is_closed_raises_the_question_of_death(void **state)
{
	struct connection young = idle(1), last;

	(void)state;
	young.data_segs_in = young.data_segs_out = 2;
	young.last_data_recv_ms = young.last_data_sent_ms = young.last_ack_recv_ms = 500;
	POLL(START, young);
	assert_int_equal(tracker.counts.unsure, 1);
	assert_false(conn_tracker_take_doubt_of_life(&tracker, START));
	POLL(START + 20, with_fin(young));
	assert_true(conn_tracker_take_doubt_of_life(&tracker, START + 20));
	conn_tracker_app_dying(&tracker, START + 20);
	assert_true(conn_tracker_suspects_death(&tracker, START + 3000));
	conn_tracker_app_died(&tracker, false, START + 3000);
	last = ended(young);
	conn_tracker_ended(&tracker, &last, START + 3010);
	assert_int_equal(tracker.totals.unknown, 1);
}

/* A poll sees it closed, the application is reaped, and the event comes with the client's acknowledgement. */
static void what_the_signal_ends_is_judged_so_though_its_event_comes_late(void **state)
{
	for (int in_order = 0; in_order <= 1; in_order++) {
		struct connection rests = idle(1), last;

		begin(state);
		rests.last_data_sent_ms = 100;
		POLL(START, rests);
		conn_tracker_app_signalled(&tracker);
		POLL(START + 20, with_fin(rests));
		conn_tracker_app_died(&tracker, in_order, START + 30);
		last = ended(rests);
		conn_tracker_ended(&tracker, &last, START + 40);
		assert_int_equal(tracker.totals.unknown, !in_order);
		assert_int_equal(tracker.totals.finished + tracker.totals.cut, 0);
	}
}

/* Its sockets end before it is reaped, on a busy machine seconds before; what ended half a second before that is
 * judged as ever. */
static void a_death_may_take_long(void **state)
{
	static const struct {
		msec_t dying_at, died_at; /* dying_at 0: nothing has shown that it exits */
		unsigned cut, unknown,
			finished; /* of a client that gave up or not, and an answer that was whole or not */
	} rows[] = {
		{0, START + 1200, 1, 1, 0},
		{0, START + 1600, 0, 0, 1},
		{START + 1000, START + 1600, 1, 1, 0},
		{START + 1000, START + 9000, 1, 1, 0},
		{START + 1400, START + 9000, 1, 1, 0},
		{START + 1600, START + 9000, 0, 0, 1},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct connection asked = ended(busy(1)), answered = ended(busy(2));

		begin(state);
		POLL(START, busy(1), busy(2));
		answered.last_data_sent_ms = 10;
		answered.data_segs_out++;
		conn_tracker_ended(&tracker, &asked, START + 1000);
		conn_tracker_ended(&tracker, &answered, START + 1000);
		assert_int_equal(tracker.totals.finished, 1);
		assert_true(conn_tracker_take_doubt_of_life(&tracker, START + 1000));
		if (rows[i].dying_at > 0) {
			conn_tracker_app_dying(&tracker, rows[i].dying_at);
			assert_true(conn_tracker_suspects_death(&tracker, rows[i].died_at));
			assert_false(conn_tracker_take_doubt_of_life(&tracker, rows[i].died_at));
		}
		conn_tracker_app_died(&tracker, false, rows[i].died_at);
		assert_false(conn_tracker_suspects_death(&tracker, rows[i].died_at));
		if (tracker.totals.cut != rows[i].cut ||
			tracker.totals.unknown != rows[i].unknown ||
			tracker.totals.finished != rows[i].finished)
			fail_msg("row %zu: %u cut, %u unknown, %u finished", i, tracker.totals.cut,
				tracker.totals.unknown, tracker.totals.finished);
	}
}

/* Its event comes when the client closes, too, and finds the application ended by the signal. */
static void what_was_closed_before_the_signal_did_not_end_by_it(void **state)
{
	struct connection last = ended(idle(1));

	(void)state;
	POLL(START, busy(1), busy(2));
	POLL(START + 40, with_queue(1, TCP_STATE_FIN_WAIT1, 501),
		with_queue(2, TCP_STATE_FIN_WAIT1, 501));
	conn_tracker_app_signalled(&tracker);
	last.last_data_sent_ms = 15;
	conn_tracker_ended(&tracker, &last, START + 45);
	conn_tracker_app_died(&tracker, false, START + 50);
	last.last_data_sent_ms = 30;
	last.cookie = 2;
	conn_tracker_ended(&tracker, &last, START + 60);
	assert_int_equal(tracker.totals.finished, 2);
	assert_int_equal(tracker.totals.unknown, 0);
}

/* The application has died: what came since the last poll is closed, and its event waits for the client. */
static void a_request_that_no_poll_saw_open_is_cut(void **state)
{
	struct connection known = busy(1), fresh = busy(2), answered = idle(3), left = busy(4);

	(void)state;
	POLL(START, idle(1), idle(4));
	conn_tracker_app_signalled(&tracker);
	known.state = fresh.state = answered.state = left.state = TCP_STATE_FIN_WAIT2;
	known.data_segs_in = left.data_segs_in = 14;
	known.bytes_received = 28 + 80;
	left.bytes_received = 28 + 24; /* with a last word */
	POLL(START + 50, known, fresh, answered, left);
	conn_tracker_finish(&tracker);
	assert_int_equal(tracker.totals.cut, 2);
	assert_int_equal(tracker.totals.finished, 0);
}

/* An HTTP/2 client says several last words, a poll sees them or not, and the server exits before it reads them. */
static void several_last_words_are_no_request_that_was_cut(void **state)
{
	static const struct {
		uint32_t bytes;
		enum tcp_state seen; /* by the last poll; 0: none saw them */
		unsigned unknown, cut;
	} rows[] = {
		{137, 0, 1, 0},
		{137, TCP_STATE_CLOSE_WAIT, 1, 0},
		{160 + 1, TCP_STATE_CLOSE_WAIT, 1, 0}, /* with the FIN */
		{300, 0, 0, 1},
		{300, TCP_STATE_CLOSE_WAIT, 0, 1},
		{137, TCP_STATE_ESTABLISHED, 0, 1}, /* its client stays */
		{137, TCP_STATE_FIN_WAIT2, 0, 1},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct connection words = with_received(idle(1), rows[i].bytes, 4),
				  last = ended(words);

		begin(state);
		POLL(START, idle(1));
		conn_tracker_app_signalled(&tracker);
		words.state = (uint8_t)rows[i].seen;
		if (rows[i].seen != 0)
			POLL(START + 20, words);
		conn_tracker_ended(&tracker, &last, START + 30);
		if (tracker.totals.unknown != rows[i].unknown ||
			tracker.totals.cut != rows[i].cut || tracker.totals.finished != 0)
			fail_msg("row %zu: %u unknown, %u cut, %u finished", i,
				tracker.totals.unknown, tracker.totals.cut,
				tracker.totals.finished);
	}
}

/* The client leaves with its answer just before the stop; no poll before it has seen the connection, and a server that is
 * signalled closes it. */
static void what_a_client_may_have_said_last_is_not_called_cut(void **state)
{
	static const struct {
		enum tcp_state seen; /* by the first poll; 0: it came too late */
		uint32_t unread, data_segs_out;
		uint32_t last_data_sent_ms; /* at the end, 10 ms after the last byte that came */
		unsigned unknown, cut;
	} rows[] = {
		{TCP_STATE_CLOSE_WAIT, 0, 12, 2100, 1, 0},
		{0, 0, 12, 40, 1, 0}, /* it came and went soon after bytes had left, */
		{TCP_STATE_ESTABLISHED, 0, 12, 40, 1, 0}, /* and so did this one */
		{TCP_STATE_ESTABLISHED, 24, 12, 2100, 1, 0},
		{TCP_STATE_CLOSE_WAIT, 138, 12, 2100, 1, 0}, /* with the FIN */
		{0, 0, 12, 2100, 0, 1}, /* this had been idle */
		{TCP_STATE_ESTABLISHED, 0, 12, 2100, 0, 1},
		{TCP_STATE_ESTABLISHED, 138, 12, 2100, 0, 1}, /* too long for one word */
		{TCP_STATE_CLOSE_WAIT, 300, 12, 40, 0, 1},
		{TCP_STATE_CLOSE_WAIT, 0, 0, 40, 0, 1}, /* it has no answer, and no greeting */
		{0, 0, 0, 40, 0, 1},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct connection word = busy(1), last;

		begin(state);
		word.state = (uint8_t)rows[i].seen;
		word.data_segs_out = rows[i].data_segs_out;
		word.rqueue = rows[i].unread;
		word.last_data_recv_ms = 0;
		word.last_data_sent_ms = rows[i].last_data_sent_ms - 10;
		last = ended(word);
		last.last_data_recv_ms += 10;
		last.last_data_sent_ms += 10;
		poll(&word, rows[i].seen != 0, START);
		conn_tracker_app_signalled(&tracker);
		conn_tracker_ended(&tracker, &last, START + 10);
		if (tracker.totals.unknown != rows[i].unknown ||
			tracker.totals.cut != rows[i].cut || tracker.totals.finished != 0)
			fail_msg("row %zu: %u unknown, %u cut, %u finished", i,
				tracker.totals.unknown, tracker.totals.cut,
				tracker.totals.finished);
	}
}

/* HTTP/2's GOAWAY and WINDOW_UPDATE, after an answer just before the stop: at first the connection only rests. */
static void last_words_to_a_fresh_answer_are_no_request(void **state)
{
	struct connection fresh = idle(1), words;

	fresh.last_data_sent_ms = 20;
	words = fresh;
	words.data_segs_in += 2;
	words.bytes_received += 34;
	words.last_data_recv_ms = 4;
	words.last_data_sent_ms = 44;
	for (int signalled = 0; signalled <= 1; signalled++) {
		begin(state);
		POLL(START, fresh);
		if (signalled)
			conn_tracker_app_signalled(&tracker);
		POLL(START + 40, words);
		words = ended(words);
		conn_tracker_ended(&tracker, &words, START + 50);
		words.state = TCP_STATE_ESTABLISHED;
		assert_int_equal(tracker.totals.cut + tracker.totals.finished, 0);
		assert_int_equal(tracker.totals.unknown, signalled);
		assert_int_equal(tracker.totals.blockers.list[0].ending,
			signalled ? CONNECTION_UNKNOWN : CONNECTION_HELD);
	}
}

/* The handshake is seen; then the request, its answer and the client's last words come between two polls. */
static void last_words_that_no_poll_could_count_are_not_called_cut(void **state)
{
	struct connection seen = idle(1), last;

	(void)state;
	POLL(START, seen);
	conn_tracker_app_signalled(&tracker);
	last = ended(with_received(with_sent(seen, 700, 8), 300, 4));
	conn_tracker_ended(&tracker, &last, START + 400);
	seen.cookie = 2;
	POLL(START + 420, seen);
	last = ended(with_received(seen, 300, 4)); /* nothing has left: it was a request */
	conn_tracker_ended(&tracker, &last, START + 800);
	assert_int_equal(tracker.totals.unknown, 1);
	assert_int_equal(tracker.totals.cut, 1);
}

/* nginx resets a client whose close_notify it has not read, with its own on the way. */
static void what_is_said_to_a_client_that_said_its_last_word_is_not_lost(void **state)
{
	struct connection asked = busy(1), word, last;

	(void)state;
	word = asked;
	word.data_segs_out++;
	word.bytes_acked += 142;
	word.data_segs_in++;
	word.bytes_received += 24;
	word.rqueue = 24;
	word.last_data_recv_ms = word.last_data_sent_ms = 0;
	last = ended(word);
	last.data_segs_out++;
	last.wqueue = 24;
	last.last_data_recv_ms = 4;
	POLL(START, asked);
	conn_tracker_app_signalled(&tracker);
	POLL(START + 20, word);
	conn_tracker_ended(&tracker, &last, START + 24);
	assert_int_equal(tracker.totals.lost_bytes, 0);
	assert_int_equal(tracker.totals.cut, 0);
	assert_int_equal(tracker.totals.unknown, 1);
}

static void what_was_answered_before_the_stop_is_none_of_its_work(void **state)
{
	struct connection last = ended(idle(1));

	(void)state;
	last.last_data_sent_ms = 11;
	last.last_data_recv_ms = 30;
	conn_tracker_ended(&tracker, &last, START + 10);
	assert_int_equal(tracker.totals.arrived, 0);
	assert_int_equal(tracker.totals.finished, 0);
	last.cookie = 2;
	last.last_data_sent_ms = 10;
	conn_tracker_ended(&tracker, &last, START + 10);
	assert_int_equal(tracker.totals.finished, 1);
}

static void bytes_that_nobody_acknowledged_are_lost(void **state)
{
	struct connection last = ended(with_queue(1, TCP_STATE_CLOSE, 2950850));

	(void)state;
	POLL(1000, with_queue(1, TCP_STATE_ESTABLISHED, 3000000));
	conn_tracker_app_signalled(&tracker);
	POLL(1050, with_queue(1, TCP_STATE_FIN_WAIT1, 3000001));
	conn_tracker_ended(&tracker, &last, 1100);
	assert_int_equal(tracker.totals.lost_bytes, 2950849); /* the FIN is no byte */
	assert_int_equal(tracker.totals.cut, 0); /* the client has reset it */
	assert_int_equal(tracker.totals.blockers.list[0].ending, CONNECTION_GAVE_UP);
	assert_int_equal(tracker.totals.flushed_bytes, 0); /* the application had not ended */
}

static void what_is_delivered_after_the_end_is_flushed(void **state)
{
	struct connection last = ended(with_queue(1, TCP_STATE_CLOSE, 0));

	(void)state;
	POLL(1000, with_queue(1, TCP_STATE_ESTABLISHED, 400000));
	conn_tracker_app_signalled(&tracker);
	tracker.app_ended = true;
	POLL(1010, with_queue(1, TCP_STATE_FIN_WAIT1, 300001));
	POLL(1020, with_queue(1, TCP_STATE_FIN_WAIT1, 100001));
	conn_tracker_ended(&tracker, &last, 1030);
	assert_int_equal(tracker.totals.flushed_bytes, 400000);
	assert_int_equal(tracker.totals.lost_bytes, 0);
	assert_int_equal(tracker.totals.finished, 1);
	assert_int_equal(tracker.totals.cut, 0);
}

static void a_connection_that_came_and_went_between_two_polls_is_counted(void **state)
{
	struct connection last = ended(idle(5)), listener = {.cookie = 6, .state = TCP_STATE_CLOSE};

	(void)state;
	last.last_data_recv_ms = last.last_data_sent_ms = 8;
	POLL(1000, idle(1));
	conn_tracker_ended(&tracker, &last, 1010);
	conn_tracker_ended(&tracker, &listener, 1011);
	assert_int_equal(tracker.totals.arrived, 1);
	assert_int_equal(tracker.totals.finished, 1);
}

/* The application crashed, and the kernel tells of its sockets' ends only after its exit. */
static void what_ended_before_the_first_poll_is_no_arrival(void **state)
{
	struct connection last = ended(busy(5));

	(void)state;
	conn_tracker_app_died(&tracker, false, START);
	conn_tracker_ended(&tracker, &last, START + 1);
	assert_int_equal(tracker.totals.cut, 1);
	assert_int_equal(tracker.totals.arrived, 0);
}

/* Its client has reset it during the stop, and the application, which dies seconds later, closes it then. */
static void a_death_is_not_blamed_for_what_was_gone_long_before(void **state)
{
	struct connection last = ended(busy(1));

	(void)state;
	tracker.has_events = true;
	POLL(START, busy(1), busy(2));
	POLL(START + 20, busy(2));
	POLL(START + 3000, busy(2));
	last.last_data_recv_ms += 3000;
	conn_tracker_ended(&tracker, &last, START + 3000);
	conn_tracker_app_died(&tracker, false, START + 3010);
	assert_int_equal(tracker.totals.cut, 0);
	assert_int_equal(tracker.totals.blockers.list[0].ending, CONNECTION_GAVE_UP);
	assert_int_equal(tracker.totals.blockers.list[0].held_ms, 20);
}

static void what_was_gone_before_the_start_is_not_waited_for(void **state)
{
	(void)state;
	memset(place_index, 0, sizeof place_index);
	conn_tracker_init(&tracker, entries, place_index, CAPACITY, &settings);
	POLL(START - 10, idle(1), idle(2));
	conn_tracker_start(&tracker, START);
	tracker.has_events = true;
	POLL(START, idle(2));
	assert_int_equal(tracker.followed.count, 1);
	assert_false(conn_tracker_awaits_events(&tracker));
	poll(NULL, 0, START + 20);
	assert_true(conn_tracker_awaits_events(&tracker));
}

/* Its client has reset it before the stop: no poll shows it any more, and the application closes it now. */
static void what_a_client_reset_before_the_start_is_not_counted(void **state)
{
	struct connection waiting = ended(busy(5));

	(void)state;
	conn_tracker_ended(
		&tracker, &waiting, START); /* before the first poll: it may have shown it */
	assert_int_equal(tracker.totals.blockers.count, 1);
	POLL(START, idle(1));
	conn_tracker_app_signalled(&tracker);
	waiting.cookie = 6;
	waiting.last_data_recv_ms = 131; /* 21 ms before the start: the kernel's times have ticks */
	conn_tracker_ended(&tracker, &waiting, START + 110);
	assert_int_equal(tracker.totals.arrived, 0);
	assert_int_equal(tracker.totals.cut, 0);
	waiting.cookie = 7;
	waiting.last_data_recv_ms = 130;
	conn_tracker_ended(&tracker, &waiting, START + 110);
	assert_int_equal(tracker.totals.arrived, 1);
	assert_int_equal(tracker.totals.cut, 1);
}

/* Most requests of a quick server: both times are of one tick, and no poll has seen anything. */
static void an_exchange_within_a_tick_is_no_request_that_was_given_up(void **state)
{
	struct connection last = ended(idle(5));

	(void)state;
	last.last_data_recv_ms = last.last_data_sent_ms = 4;
	last.data_segs_in = last.data_segs_out = 1;
	POLL(1000, idle(1));
	conn_tracker_ended(&tracker, &last, 1010);
	assert_int_equal(tracker.totals.finished, 1);
	assert_false(conn_tracker_suspects_death(&tracker, 1011));
	conn_tracker_app_signalled(&tracker);
	last.cookie = 6;
	conn_tracker_ended(&tracker, &last, 1020);
	assert_int_equal(tracker.totals.cut, 0);
	assert_int_equal(tracker.totals.unknown, 1);
}

/* An application that dies closes its listener, too. */
static void what_still_listens_is_not_suspected_of_being_dead(void **state)
{
	struct connection listener = {.cookie = 9, .state = TCP_STATE_LISTEN};

	(void)state;
	POLL(1000, busy(1), listener);
	POLL(1020, listener); /* that row may have been read before the death */
	assert_true(conn_tracker_suspects_death(&tracker, 1021));
	POLL(1040, listener);
	assert_false(conn_tracker_suspects_death(&tracker, 1041));
	POLL(1060, busy(2), listener);
	poll(NULL, 0, 1080);
	assert_true(conn_tracker_suspects_death(&tracker, 1081));
}

/* Closing a listener resets what waits in its queue, and takes its peer and its counters away before. */
static void a_reset_of_the_accept_queue_is_counted_though_no_poll_saw_it(void **state)
{
	struct connection reset = {.cookie = 5,
		.state = TCP_STATE_CLOSE,
		.has_info = true,
		.last_data_sent_ms = 104,
		.last_data_recv_ms = 2547884};
	struct connection listener = reset;

	(void)state;
	listener.cookie = 6;
	listener.last_data_sent_ms = 2547884;
	POLL(1000, idle(1));
	conn_tracker_ended(&tracker, &reset, 1010);
	assert_int_equal(tracker.totals.accept_queue_lost, 0);
	assert_true(conn_tracker_suspects_death(&tracker, 1011));
	conn_tracker_app_signalled(&tracker);
	conn_tracker_ended(&tracker, &listener, 1020);
	assert_int_equal(tracker.totals.accept_queue_lost, 0);
	conn_tracker_ended(&tracker, &reset, 1020);
	assert_int_equal(tracker.totals.accept_queue_lost, 1);
	assert_int_equal(tracker.totals.arrived, 1);
	reset.from_here = true;
	conn_tracker_ended(&tracker, &reset, 1020);
	assert_int_equal(tracker.totals.accept_queue_lost, 1);
}

/* SO_LINGER with 0 s: the kernel disconnects the socket before its event, which tells neither peer nor counters. A
 * client cannot cause that; the application may have answered since the last poll. */
static void what_its_application_resets_may_have_been_answered(void **state)
{
	struct connection gone = {.cookie = 1, .state = TCP_STATE_CLOSE, .has_info = true};

	(void)state;
	tracker.has_events = true;
	POLL(START, busy(1));
	conn_tracker_ended(&tracker, &gone, START + 1);
	poll(NULL, 0, START + 2);
	assert_int_equal(tracker.totals.unknown, 1);
	assert_int_equal(tracker.totals.finished + tracker.totals.cut, 0);
	assert_int_equal(tracker.totals.blockers.list[0].ending, CONNECTION_UNKNOWN);
}

static void without_events_the_vanished_are_judged_by_what_was_known(void **state)
{
	(void)state;
	POLL(1000, busy(1), busy(2));
	POLL(1100, busy(2)); /* answered and closed, or its client gave up */
	assert_int_equal(tracker.totals.unknown, 0); /* its event may be on the way */
	POLL(1120, busy(2));
	assert_int_equal(tracker.totals.unknown, 1);
	assert_int_equal(tracker.totals.finished, 0);
	conn_tracker_app_signalled(&tracker);
	tracker.app_ended = true;
	poll(NULL, 0, 1200);
	assert_int_equal(tracker.totals.cut + tracker.totals.unknown, 1);
	poll(NULL, 0, 1220);
	assert_int_equal(tracker.totals.unknown, 2); /* it may have finished, and exited then */
	assert_int_equal(tracker.totals.cut, 0);
}

/* The poll sees an answer in the queue of a connection that was at rest: the kernel's time of what was sent does not
 * know it yet. Then it is delivered, and the application closes. */
static void without_events_an_answer_in_the_queue_may_have_been_delivered(void **state)
{
	struct connection answering = with_received(idle(1), 80, 8);

	(void)state;
	POLL(START, idle(1));
	conn_tracker_app_signalled(&tracker);
	answering.wqueue = 115;
	POLL(START + 20, answering);
	poll(NULL, 0, START + 40);
	poll(NULL, 0, START + 60);
	assert_int_equal(tracker.totals.cut, 0);
	assert_int_equal(tracker.totals.unknown, 1);
}

/* Between the last poll and its death an application may have answered, but not after SIGKILL. */
static void without_events_what_was_killed_is_cut(void **state)
{
	for (int killed = 0; killed <= 1; killed++) {
		begin(state);
		POLL(1000, busy(1));
		conn_tracker_app_signalled(&tracker);
		tracker.app_killed = killed;
		poll(NULL, 0, 1200);
		conn_tracker_app_died(&tracker, false, 1210);
		poll(NULL, 0, 1220);
		assert_int_equal(tracker.totals.cut, killed);
		assert_int_equal(tracker.totals.unknown, !killed);
	}
}

static void an_event_that_comes_after_the_poll_is_heard(void **state)
{
	struct connection last = ended(busy(1));

	(void)state;
	POLL(1000, busy(1));
	conn_tracker_app_signalled(&tracker);
	poll(NULL, 0, 1020);
	conn_tracker_ended(&tracker, &last, 1021);
	poll(NULL, 0, 1040);
	poll(NULL, 0, 1060);
	assert_int_equal(tracker.totals.cut, 1);
	assert_int_equal(tracker.totals.finished, 0);
	assert_int_equal(tracker.totals.arrived, 0);
}

static void the_vanished_are_settled_when_we_leave(void **state)
{
	(void)state;
	POLL(1000, busy(1), busy(2));
	conn_tracker_app_signalled(&tracker);
	tracker.app_ended = true;
	POLL(1020, busy(2));
	conn_tracker_finish(&tracker);
	assert_int_equal(tracker.totals.cut, 1);
	assert_int_equal(tracker.totals.unknown, 1);
}

static void with_events_the_missing_are_those_that_were_reset(void **state)
{
	struct connection last = ended(busy(1));

	(void)state;
	tracker.has_events = true;
	POLL(1000, busy(1), busy(2), idle(3));
	for (msec_t now = 1020; now < 2000; now += 20)
		POLL(now, busy(2));
	assert_int_equal(tracker.followed.count, 3); /* reset, and still held by the application */
	assert_int_equal(tracker.totals.finished, 0);
	conn_tracker_ended(&tracker, &last, 2000); /* it has found out */
	POLL(2020, busy(2));
	POLL(2040, busy(2));
	assert_int_equal(tracker.totals.arrived, 0);
	assert_int_equal(tracker.totals.blockers.list[0].ending, CONNECTION_GAVE_UP);
	assert_int_equal(tracker.followed.count, 2);
	conn_tracker_app_signalled(&tracker);
	conn_tracker_finish(&tracker);
	assert_int_equal(tracker.totals.cut, 1);
	assert_int_equal(tracker.totals.finished, 0);
}

/* Polls are numbered modulo 256. */
static void one_that_is_missing_for_long_stays_so(void **state)
{
	(void)state;
	tracker.has_events = true;
	POLL(1000, with_queue(1, TCP_STATE_ESTABLISHED, 5000));
	for (int i = 0; i < 256; i++)
		poll(NULL, 0, 1020 + i);
	assert_true(conn_tracker_awaits_events(&tracker));
	conn_tracker_finish(&tracker);
	assert_int_equal(tracker.totals.lost_bytes, 0);
	assert_int_equal(tracker.totals.cut, 0);
}

static void without_times_nothing_is_claimed(void **state)
{
	struct connection blind = {
		.cookie = 1, .state = TCP_STATE_ESTABLISHED, .inode = 7, .peer_port = 4000};

	(void)state;
	POLL(1000, blind);
	conn_tracker_app_signalled(&tracker);
	tracker.app_ended = true;
	poll(NULL, 0, 1020);
	poll(NULL, 0, 1040);
	assert_int_equal(tracker.totals.cut, 0);
	assert_int_equal(tracker.totals.finished, 0);
	assert_int_equal(tracker.totals.blockers.list[0].ending, CONNECTION_UNKNOWN);
}

static void who_is_at_work_when_we_leave_is_cut(void **state)
{
	struct connection recent = idle(3);

	(void)state;
	recent.last_data_sent_ms = 20;
	POLL(1000, busy(1), idle(2), busy(3), with_queue(4, TCP_STATE_FIN_WAIT1, 5001));
	POLL(1100, busy(1), idle(2), recent, with_queue(4, TCP_STATE_FIN_WAIT1, 5001));
	conn_tracker_finish(&tracker);
	assert_int_equal(tracker.totals.cut, 2); /* the one whose answer is on its way, too */
	assert_int_equal(tracker.totals.finished, 0);
	assert_int_equal(tracker.totals.unknown, 1); /* whether its answer was whole */
	assert_int_equal(tracker.totals.lost_bytes, 5000);
}

static void past_its_capacity_it_counts_but_does_not_follow(void **state)
{
	static struct connection rows[CAPACITY + 10];

	(void)state;
	for (size_t i = 0; i < CAPACITY + 10; i++)
		rows[i] = busy(100 + i);
	poll(rows, CAPACITY + 10, 1000);
	assert_int_equal(tracker.counts.busy, CAPACITY + 10);
	assert_true(tracker.totals.incomplete);
	poll(rows, 3, 1100);
	poll(rows, 3, 1200); /* there is room again once two polls have not seen them */
	assert_int_equal(tracker.followed.count, 3);
	poll(rows + 5, CAPACITY, 1300);
	poll(rows + 5, CAPACITY, 1400);
	poll(rows + 5, CAPACITY, 1500);
	assert_int_equal(tracker.followed.count, CAPACITY);
}

/* Many comings and goings: counts stay those of the rows, whatever the places of the index. */
static void churn_confuses_nothing(void **state)
{
	static struct connection rows[CAPACITY];
	uint64_t seed = 42;

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		size_t count = 0;
		unsigned busy_count = 0;

		for (uint64_t cookie = 1; cookie <= 200 && count < CAPACITY / 3; cookie++) {
			seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
			if (seed >> 62 != 0)
				continue;
			rows[count] = seed >> 61 & 1 ? busy(cookie) : idle(cookie);
			busy_count += rows[count].last_data_recv_ms == 500;
			count++;
		}
		poll(rows, count, 1000 + round);
		assert_int_equal(tracker.counts.open, count);
		assert_int_equal(tracker.counts.busy, busy_count);
		assert_true(tracker.followed.count >= count);
	}
	assert_false(tracker.totals.incomplete);
}

static void unaccepted_ones_that_end_are_lost(void **state)
{
	struct connection waiting = busy(1), accepted = busy(2), last;

	(void)state;
	waiting.inode = accepted.inode = 0;
	waiting.data_segs_out = accepted.data_segs_out = 0;
	POLL(1000, waiting, accepted);
	assert_int_equal(tracker.counts.unaccepted, 2);
	conn_tracker_app_signalled(&tracker);
	last = ended(idle(2)); /* was accepted and answered after the poll */
	conn_tracker_ended(&tracker, &last, 1010);
	assert_int_equal(tracker.totals.accept_queue_lost, 0);
	last = ended(waiting); /* its listener was closed */
	conn_tracker_ended(&tracker, &last, 1020);
	assert_int_equal(tracker.totals.accept_queue_lost, 1);
	assert_int_equal(tracker.totals.cut, 1);
	poll(NULL, 0, 1030);
	assert_int_equal(tracker.totals.accept_queue_lost, 1);
}

/* The link is lost, and the signal or a crash ends the application: its FIN is never acknowledged. */
static void what_a_death_ends_while_no_client_answers_is_not_known_to_be_whole(void **state)
{
	struct connection doubt = unsure(1), paused = busy(2), fin;

	(void)state;
	tracker.has_events = true;
	POLL(START, doubt, paused);
	paused = with_sent(paused, 700, 4); /* the first piece of a stream */
	POLL(START + 20, aged(doubt, 20), paused);
	conn_tracker_app_signalled(&tracker);
	conn_tracker_app_died(&tracker, false, START + 100);
	tracker.app_ended = true;
	doubt = with_fin(aged(doubt, 3000));
	paused = with_fin(aged(paused, 3000));
	doubt.retransmits = paused.retransmits = 4;
	fin = doubt;
	fin.cookie = 3; /* it was not held */
	POLL(START + 3020, doubt, paused, fin);
	conn_tracker_finish(&tracker);
	assert_int_equal(tracker.totals.unknown, 2);
	assert_int_equal(tracker.totals.finished + tracker.totals.cut, 0);
}

/* Of Node: its session tickets leave after the request has come, like an answer. */
static void what_left_seconds_before_a_death_is_no_proof_of_an_answer(void **state)
{
	struct connection asked = unsure(1), tickets, last;

	(void)state;
	asked.last_data_recv_ms = 40;
	POLL(START, asked);
	assert_int_equal(tracker.counts.busy, 1);
	tickets = with_sent(asked, 510, 4);
	tickets.last_data_recv_ms = 140;
	POLL(START + 100, tickets);
	tickets = aged(tickets, 2020);
	POLL(START + 2120, tickets);
	assert_int_equal(tracker.counts.unsure, 1);
	conn_tracker_app_died(&tracker, false, START + 2130);
	last = ended(aged(tickets, 15));
	conn_tracker_ended(&tracker, &last, START + 2135);
	assert_int_equal(tracker.totals.unknown, 1);
	assert_int_equal(tracker.totals.finished, 0);
}

/* It comes so late that we are gone: it may have been answered since the last poll. */
static void whose_event_is_late_when_we_leave_is_unknown(void **state)
{
	(void)state;
	tracker.has_events = true;
	POLL(1000, busy(1), busy(2));
	POLL(1020, busy(2));
	conn_tracker_app_signalled(&tracker);
	tracker.app_ended = true;
	poll(NULL, 0, 1020);
	conn_tracker_finish(&tracker);
	assert_int_equal(tracker.totals.unknown, 2);
	assert_int_equal(tracker.totals.finished + tracker.totals.cut, 0);
}

static void the_last_events_are_awaited(void **state)
{
	struct connection last = ended(idle(1)), other = ended(idle(2));

	(void)state;
	tracker.has_events = true;
	POLL(1000, busy(1), busy(2));
	assert_false(conn_tracker_awaits_events(&tracker));
	conn_tracker_app_signalled(&tracker);
	tracker.app_ended = true;
	poll(NULL, 0, 1020);
	assert_true(conn_tracker_awaits_events(&tracker));
	conn_tracker_ended(&tracker, &last, 1010);
	assert_true(conn_tracker_awaits_events(&tracker));
	conn_tracker_ended(&tracker, &other, 1011);
	assert_false(conn_tracker_awaits_events(&tracker));
	conn_tracker_finish(&tracker);
	assert_int_equal(tracker.totals.finished, 2);
}

static void lost_events_are_not_awaited(void **state)
{
	(void)state;
	tracker.has_events = true;
	POLL(1000, busy(1));
	poll(NULL, 0, 1020);
	tracker.has_events = false;
	assert_false(conn_tracker_awaits_events(&tracker));
}

/* Accepted, answered and closed between two polls of /proc/net/tcp, which has neither times nor counts. */
static void one_that_is_closed_was_accepted(void **state)
{
	struct connection waiting = {
		.cookie = 1, .state = TCP_STATE_ESTABLISHED, .peer_port = 4000, .rqueue = 28};
	struct connection closed = {
		.cookie = 1, .state = TCP_STATE_FIN_WAIT1, .peer_port = 4000, .wqueue = 117};

	(void)state;
	POLL(1000, waiting);
	POLL(1250, closed);
	conn_tracker_app_signalled(&tracker);
	tracker.app_ended = true;
	poll(NULL, 0, 1020);
	conn_tracker_finish(&tracker);
	assert_int_equal(tracker.totals.accept_queue_lost, 0);
	assert_int_equal(tracker.totals.cut, 0);
}

/* A client that connects ahead of its requests, or a check that only connects: no byte has come. */
static void one_that_was_accepted_and_stays_silent_is_no_request(void **state)
{
	struct connection c = {
		.cookie = 1, .state = TCP_STATE_ESTABLISHED, .peer_port = 4000, .has_info = true};

	(void)state;
	poll(NULL, 0, START);
	POLL(START + 20, c);
	assert_int_equal(tracker.counts.held, 1);
	c.inode = 7;
	c.last_data_sent_ms = c.last_data_recv_ms = 300;
	POLL(START + 320, c);
	assert_int_equal(tracker.counts.held, 0);
	c = ended(c);
	conn_tracker_ended(&tracker, &c, START + 400);
	poll(NULL, 0, START + 420);
	assert_int_equal(tracker.totals.finished, 0);
	assert_int_equal(tracker.totals.unknown + tracker.totals.cut, 0);
	assert_int_equal(tracker.totals.longest_ms, 0);
	assert_int_equal(tracker.totals.blockers.list[0].ending, CONNECTION_HELD);
}

static void the_longest_blockers_are_named(void **state)
{
	struct connection rows[8];
	const struct blocker *first = &tracker.totals.blockers.list[0];

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		rows[i] = busy(i + 1);
		rows[i].peer_port = (uint16_t)(4001 + i);
	}
	for (size_t left = 8; left > 0; left--)
		poll(rows, left, START + 100 * (msec_t)(9 - left));
	poll(NULL, 0, START + 900);
	poll(NULL, 0, START + 1000);
	assert_int_equal(tracker.totals.unknown, 8); /* there are no events */
	assert_int_equal(tracker.totals.blockers.count, BLOCKERS_MAX);
	assert_int_equal(first->peer_port, 4001); /* the last to go */
	assert_int_equal(first->held_ms, 900); /* until a poll did not find it any more */
	assert_int_equal(first->age_ms, 1200); /* its request came 500 ms before the first poll */
	assert_int_equal(first->quiet_ms, 600);
	assert_int_equal(first->ending, CONNECTION_UNKNOWN);
	assert_int_equal(tracker.totals.blockers.list[4].peer_port, 4005);
}

static void arrivals_are_connections_and_requests(void **state)
{
	struct connection first = idle(1), second = idle(2);

	(void)state;
	POLL(1000, first);
	assert_int_equal(tracker.totals.last_arrival, START);
	POLL(1200, first, second); /* a connection */
	assert_int_equal(tracker.totals.last_arrival, 1200);
	first.bytes_received += 28;
	first.last_data_recv_ms = 30;
	POLL(1400, first, second); /* a request */
	assert_int_equal(tracker.totals.last_arrival, 1370);
	POLL(1600, first, second);
	assert_int_equal(tracker.totals.last_arrival, 1370);
}

static void ignored_peers_are_passed_over(void **state)
{
	const struct peer_range range = {.family = AF_INET, .bits = 8, .addr = {10}};
	struct connection probe = busy(1), last;

	(void)state;
	conn_tracker_ignore(&tracker, &range, 1);
	probe.family = AF_INET;
	probe.peer[0] = 10;
	POLL(1000, probe, busy(2));
	assert_int_equal(tracker.counts.open, 1);
	assert_int_equal(tracker.counts.busy, 1);
	last = ended(probe);
	conn_tracker_ended(&tracker, &last, 1010);
	assert_int_equal(tracker.totals.arrived, 0);
}

static void polls_before_the_stop_leave_only_their_memory(void **state)
{
	struct connection tie = idle(2);

	(void)state;
	conn_tracker_init(&tracker, entries, place_index, CAPACITY, &settings);
	POLL(500, busy(1), idle(2));
	tie.segs_out = 9;
	POLL(600, tie);
	POLL(700, tie);
	assert_int_equal(tracker.followed.count, 1);
	assert_int_equal(tracker.totals.finished + tracker.totals.cut + tracker.totals.arrived, 0);
	assert_int_equal(tracker.totals.peak_busy, 0);
	conn_tracker_start(&tracker, START);
	POLL(1000, tie, busy(3)); /* the first poll for a while: 3 is no arrival */
	assert_int_equal(tracker.totals.arrived, 0);
	assert_int_equal(tracker.totals.busy_at_start, 1);
	assert_true(entries[0].memory.polled);
}

static void it_is_known_when_the_last_recent_one_settles(void **state)
{
	struct connection early = idle(1), late = idle(2);

	(void)state;
	early.last_data_sent_ms = 150;
	late.last_data_sent_ms = 20;
	POLL(1000, early, late, idle(3));
	assert_int_equal(tracker.counts.settles_in, 180);
	POLL(1200, idle(1), idle(2), idle(3));
	assert_int_equal(tracker.counts.settles_in, 0);
}

/* Its rows up to the failure are true; what it has not met may still be there. */
static void what_a_failed_poll_did_not_meet_has_not_ended(void **state)
{
	const struct connection met = busy(1);

	(void)state;
	POLL(1000, busy(1), busy(2), idle(3));
	for (msec_t now = 1020; now <= 1040; now += 20) {
		conn_tracker_pass_begin(&tracker);
		conn_tracker_pass_row(&tracker, &met, now);
	}
	tracker.has_events = true;
	assert_false(conn_tracker_awaits_events(&tracker));
	tracker.has_events = false; /* then one that is gone counts as finished */
	conn_tracker_finish(&tracker);
	assert_int_equal(tracker.totals.cut, 2);
	assert_int_equal(tracker.totals.finished, 0);
}

/* The failed one counts for nothing, and the next one sees what is gone. */
static void a_poll_after_a_failed_one_sees_what_is_gone(void **state)
{
	(void)state;
	POLL(1000, busy(1), busy(2));
	conn_tracker_pass_begin(&tracker);
	tracker.has_events = true;
	POLL(1040, busy(1));
	assert_true(conn_tracker_awaits_events(&tracker));
	conn_tracker_finish(&tracker);
	assert_int_equal(tracker.totals.cut, 1);
}

/* Each row is a poll. */
static void what_the_listeners_say_of_the_application(void **state)
{
	static const struct {
		msec_t now;
		bool starts, is_signalled, listens; /* before the poll, the first two */
		bool has_listened, suspects_death, listener_closed;
	} rows[] = {
		{1100, .listens = false},
		{1200, .listens = true, .has_listened = true},
		{1300, .listens = false, .has_listened = true}, /* nothing is judged before */
		{1400, .starts = true, .listens = false, .has_listened = true,
			.suspects_death = true},
		{1450, .listens = false, .has_listened = true, .suspects_death = true},
		{1500, .listens = true, .has_listened = true}, /* it lives */
		{1550, .listens = false, .has_listened = true}, /* only the first poll suspects */
		{1600, .is_signalled = true, .listens = true, .has_listened = true},
		{1800, .listens = false, .has_listened = true}, /* settle is 200 */
		{1801, .listens = false, .has_listened = true, .listener_closed = true},
		{1900, .listens = true, .has_listened = true},
	};
	const struct connection listener = {.cookie = 9, .state = TCP_STATE_LISTEN};

	(void)state;
	conn_tracker_init(&tracker, entries, place_index, CAPACITY, &settings);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (rows[i].starts)
			conn_tracker_start(&tracker, rows[i].now);
		if (rows[i].is_signalled)
			conn_tracker_app_signalled(&tracker);
		poll(&listener, rows[i].listens, rows[i].now);
		if (tracker.has_listened != rows[i].has_listened ||
			conn_tracker_suspects_death(&tracker, rows[i].now) !=
				rows[i].suspects_death ||
			tracker.settings.listener_closed != rows[i].listener_closed)
			fail_msg("the poll at %d", (int)rows[i].now);
	}
}

/* With the memory of the polls, and for one that no poll has met. */
static void a_question_between_polls_leaves_no_trace(void **state)
{
	const struct connection rows[] = {busy(1), idle(2), busy(3)};
	static struct conn_tracker before;
	static struct tracked_conn entries_before[CAPACITY];
	struct conn_counts counts = {0}, polled;
	struct connection_memory memory;

	(void)state;
	POLL(1000, busy(1), idle(2));
	before = tracker;
	memcpy(entries_before, entries, sizeof entries);
	for (size_t i = 0; i < 3; i++)
		(void)conn_tracker_judge_row(&tracker, &rows[i], &counts, &memory, 1500);
	assert_memory_equal(&tracker, &before, sizeof before);
	assert_memory_equal(entries, entries_before, sizeof entries);
	poll(rows, 3, 1500);
	polled = tracker.counts;
	assert_int_equal(counts.open, polled.open);
	assert_int_equal(counts.busy, polled.busy);
	assert_int_equal(counts.unsure, polled.unsure);
	assert_int_equal(counts.held, polled.held);
	assert_int_equal(counts.idle, polled.idle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_class_is_counted, begin),
		cmocka_unit_test_setup(
			an_internal_connection_holds_by_proof_and_counts_for_nothing, begin),
		cmocka_unit_test_setup(doubt_holds_and_is_no_request, begin),
		cmocka_unit_test_setup(those_that_cannot_be_seen_hold_in_doubt, begin),
		cmocka_unit_test_setup(what_ends_in_doubt_is_unknown, begin),
		cmocka_unit_test_setup(an_end_that_the_counts_do_not_show_is_known, begin),
		cmocka_unit_test_setup(doubt_that_is_answered_was_a_request, begin),
		cmocka_unit_test_setup(a_request_in_the_tick_of_an_answer_may_be_answered, begin),
		cmocka_unit_test_setup(doubt_that_becomes_a_request_is_one, begin),
		cmocka_unit_test_setup(what_the_longest_request_has_ended_is_unknown, begin),
		cmocka_unit_test_setup(a_client_that_only_talks_is_never_cut, begin),
		cmocka_unit_test_setup(no_number_of_failed_polls_hides_a_connection, begin),
		cmocka_unit_test_setup(who_asks_again_is_known, begin),
		cmocka_unit_test_setup(a_row_that_comes_twice_counts_once, begin),
		cmocka_unit_test_setup(a_poll_that_fails_changes_no_count, begin),
		cmocka_unit_test_setup(work_that_is_answered_is_finished, begin),
		cmocka_unit_test_setup(a_pause_shorter_than_settle_is_the_same_work, begin),
		cmocka_unit_test_setup(what_was_busy_at_the_start_may_be_found_out_later, begin),
		cmocka_unit_test_setup(what_was_busy_at_the_start_is_counted_once, begin),
		cmocka_unit_test_setup(what_remains_of_a_connection_is_no_arrival, begin),
		cmocka_unit_test_setup(an_ending_after_the_answer_is_finished, begin),
		cmocka_unit_test_setup(a_lone_fin_is_none_of_the_time_of_a_request, begin),
		cmocka_unit_test_setup(a_connection_that_no_poll_saw_held_until_its_answer, begin),
		cmocka_unit_test_setup(
			a_last_word_in_the_tick_of_the_answer_takes_nothing_from_it, begin),
		cmocka_unit_test_setup(a_last_word_that_a_poll_has_seen_is_no_request, begin),
		cmocka_unit_test_setup(a_request_that_only_the_end_shows_is_counted, begin),
		cmocka_unit_test_setup(a_last_word_before_the_signal_is_no_request_after_it, begin),
		cmocka_unit_test_setup(
			what_is_said_to_a_client_that_left_with_its_answer_is_not_lost, begin),
		cmocka_unit_test_setup(
			an_ending_without_an_answer_is_cut_once_the_application_was_told, begin),
		cmocka_unit_test_setup(a_crash_is_no_choice_of_the_clients, begin),
		cmocka_unit_test_setup(a_death_may_take_long, begin),
		cmocka_unit_test_setup(
			what_the_signal_ends_is_judged_so_though_its_event_comes_late, begin),
		cmocka_unit_test_setup(
			a_doubtful_connection_that_is_closed_raises_the_question_of_death, begin),
		cmocka_unit_test_setup(what_is_idle_for_lack_of_time_is_unknown, begin),
		cmocka_unit_test_setup(a_silence_that_was_cut_short_finishes_nothing, begin),
		cmocka_unit_test_setup(without_events_what_was_killed_is_cut, begin),
		cmocka_unit_test_setup(
			without_events_an_answer_in_the_queue_may_have_been_delivered, begin),
		cmocka_unit_test_setup(
			what_rests_when_the_signal_ends_its_server_may_have_been_cut, begin),
		cmocka_unit_test_setup(what_was_closed_before_the_signal_did_not_end_by_it, begin),
		cmocka_unit_test_setup(a_request_that_no_poll_saw_open_is_cut, begin),
		cmocka_unit_test_setup(several_last_words_are_no_request_that_was_cut, begin),
		cmocka_unit_test_setup(what_a_client_may_have_said_last_is_not_called_cut, begin),
		cmocka_unit_test_setup(last_words_to_a_fresh_answer_are_no_request, begin),
		cmocka_unit_test_setup(
			last_words_that_no_poll_could_count_are_not_called_cut, begin),
		cmocka_unit_test_setup(
			what_is_said_to_a_client_that_said_its_last_word_is_not_lost, begin),
		cmocka_unit_test_setup(
			what_was_answered_before_the_stop_is_none_of_its_work, begin),
		cmocka_unit_test_setup(bytes_that_nobody_acknowledged_are_lost, begin),
		cmocka_unit_test_setup(what_is_delivered_after_the_end_is_flushed, begin),
		cmocka_unit_test_setup(
			a_connection_that_came_and_went_between_two_polls_is_counted, begin),
		cmocka_unit_test_setup(what_ended_before_the_first_poll_is_no_arrival, begin),
		cmocka_unit_test_setup(a_death_is_not_blamed_for_what_was_gone_long_before, begin),
		cmocka_unit_test_setup(what_was_gone_before_the_start_is_not_waited_for, begin),
		cmocka_unit_test_setup(what_a_client_reset_before_the_start_is_not_counted, begin),
		cmocka_unit_test_setup(
			an_exchange_within_a_tick_is_no_request_that_was_given_up, begin),
		cmocka_unit_test_setup(what_still_listens_is_not_suspected_of_being_dead, begin),
		cmocka_unit_test_setup(
			a_reset_of_the_accept_queue_is_counted_though_no_poll_saw_it, begin),
		cmocka_unit_test_setup(what_its_application_resets_may_have_been_answered, begin),
		cmocka_unit_test_setup(
			without_events_the_vanished_are_judged_by_what_was_known, begin),
		cmocka_unit_test_setup(an_event_that_comes_after_the_poll_is_heard, begin),
		cmocka_unit_test_setup(the_vanished_are_settled_when_we_leave, begin),
		cmocka_unit_test_setup(with_events_the_missing_are_those_that_were_reset, begin),
		cmocka_unit_test_setup(one_that_is_missing_for_long_stays_so, begin),
		cmocka_unit_test_setup(without_times_nothing_is_claimed, begin),
		cmocka_unit_test_setup(who_is_at_work_when_we_leave_is_cut, begin),
		cmocka_unit_test_setup(past_its_capacity_it_counts_but_does_not_follow, begin),
		cmocka_unit_test_setup(churn_confuses_nothing, begin),
		cmocka_unit_test_setup(unaccepted_ones_that_end_are_lost, begin),
		cmocka_unit_test_setup(
			what_a_death_ends_while_no_client_answers_is_not_known_to_be_whole, begin),
		cmocka_unit_test_setup(
			what_left_seconds_before_a_death_is_no_proof_of_an_answer, begin),
		cmocka_unit_test_setup(whose_event_is_late_when_we_leave_is_unknown, begin),
		cmocka_unit_test_setup(the_last_events_are_awaited, begin),
		cmocka_unit_test_setup(lost_events_are_not_awaited, begin),
		cmocka_unit_test_setup(one_that_is_closed_was_accepted, begin),
		cmocka_unit_test_setup(one_that_was_accepted_and_stays_silent_is_no_request, begin),
		cmocka_unit_test_setup(the_longest_blockers_are_named, begin),
		cmocka_unit_test_setup(arrivals_are_connections_and_requests, begin),
		cmocka_unit_test_setup(ignored_peers_are_passed_over, begin),
		cmocka_unit_test_setup(polls_before_the_stop_leave_only_their_memory, begin),
		cmocka_unit_test_setup(it_is_known_when_the_last_recent_one_settles, begin),
		cmocka_unit_test_setup(what_a_failed_poll_did_not_meet_has_not_ended, begin),
		cmocka_unit_test_setup(a_poll_after_a_failed_one_sees_what_is_gone, begin),
		cmocka_unit_test_setup(what_the_listeners_say_of_the_application, begin),
		cmocka_unit_test_setup(a_question_between_polls_leaves_no_trace, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

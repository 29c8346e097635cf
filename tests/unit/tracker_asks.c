/* SPDX-License-Identifier: MIT */
#include "core/tcp/tracker_asks.h"

#include "core/tcp/conn_tracker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#define CAPACITY 64
#define START 1000 /* when the stop began */
#define ROWS_MAX 40

static const struct class_settings settings = {.settle = 200, .longest_request = 10000};

/* A tracker, and the connections that the kernel has. */
struct world {
	struct tracked_conn entries[CAPACITY];
	uint32_t index[2 * CAPACITY];
	struct conn_tracker tracker;
	struct connection rows[ROWS_MAX];
	size_t count;
};

static struct world world, other;

static void start(struct world *w, bool may_ask)
{
	memset(w, 0, sizeof *w);
	conn_tracker_init(&w->tracker, w->entries, w->index, CAPACITY, &settings);
	conn_tracker_start(&w->tracker, START);
	w->tracker.may_ask = may_ask;
	w->tracker.has_events = true;
}

static int begin(void **state)
{
	(void)state;
	start(&world, true);
	start(&other, false);
	return 0;
}

static struct connection idle(uint64_t cookie)
{
	return (struct connection){.cookie = cookie,
		.family = AF_INET,
		.state = TCP_STATE_ESTABLISHED,
		.inode = 7,
		.local_port = 80,
		.peer_port = (uint16_t)(4000 + cookie),
		.local = {10, 0, 0, 1},
		.peer = {10, 0, 0, 2},
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
	return c;
}

static struct connection closing(uint64_t cookie)
{
	struct connection c = idle(cookie);

	c.state = TCP_STATE_FIN_WAIT1;
	c.inode = 0;
	c.wqueue = 1001;
	return c;
}

static void add(struct world *w, struct connection row)
{
	assert_true(w->count < ROWS_MAX);
	w->rows[w->count++] = row;
}

static void poll(struct world *w, msec_t now)
{
	conn_tracker_pass_begin(&w->tracker);
	for (size_t i = 0; i < w->count; i++)
		conn_tracker_pass_row(&w->tracker, &w->rows[i], now);
	conn_tracker_pass_end(&w->tracker, now);
}

static const struct connection *find(const struct world *w, uint64_t cookie)
{
	for (size_t i = 0; i < w->count; i++) {
		if (w->rows[i].cookie == cookie)
			return &w->rows[i];
	}
	return NULL;
}

/* Asks for three at a time; returns for how many. */
static size_t ask(struct world *w, msec_t now)
{
	struct connection_key keys[3];
	size_t asked[3], count, total = 0;

	assert_true(conn_tracker_can_ask(&w->tracker));
	conn_tracker_ask_begin(&w->tracker);
	while ((count = conn_tracker_ask_next(&w->tracker, keys, asked, 3)) > 0) {
		for (size_t i = 0; i < count; i++)
			conn_tracker_answer(&w->tracker, asked[i], find(w, keys[i].cookie), now);
		total += count;
	}
	conn_tracker_ask_end(&w->tracker);
	return total;
}

static void what_holds_or_is_undelivered_is_asked_for(void **state)
{
	(void)state;
	for (uint64_t cookie = 1; cookie <= 10; cookie++)
		add(&world, cookie % 2 ? busy(cookie) : idle(cookie));
	add(&world, closing(11));
	poll(&world, START);
	assert_int_equal(ask(&world, START + 2), 6);
	assert_int_equal(world.tracker.counts.busy, 5);
	assert_int_equal(world.tracker.counts.held, 5);
	assert_int_equal(world.tracker.counts.idle, 5);
	assert_int_equal(world.tracker.counts.open, 10);
	assert_int_equal(world.tracker.counts.undelivered, 1);
	assert_int_equal(world.tracker.counts.undelivered_bytes, 1000);
}

static void keys_name_the_connection_as_the_poll_has_shown_it(void **state)
{
	static const uint8_t v6[16] = {0x20, 1, [15] = 9},
			     mapped[16] = {[10] = 0xff, 0xff, 10, 0, 0, 3};
	struct connection_key keys[4];
	size_t asked[4];

	(void)state;
	for (uint64_t cookie = 1; cookie <= 3; cookie++) {
		struct connection row = busy(cookie);

		if (cookie > 1) {
			row.family = AF_INET6;
			memcpy(row.peer, cookie == 2 ? v6 : mapped, sizeof row.peer);
			memcpy(row.local, v6, sizeof row.local);
			row.interface = 5;
		}
		add(&world, row);
	}
	poll(&world, START);
	conn_tracker_ask_begin(&world.tracker);
	assert_int_equal(conn_tracker_ask_next(&world.tracker, keys, asked, 4), 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(keys[i].cookie, i + 1);
		assert_int_equal(keys[i].family, world.rows[i].family);
		assert_int_equal(keys[i].local_port, 80);
		assert_int_equal(keys[i].peer_port, 4001 + i);
		assert_int_equal(keys[i].interface, i > 0 ? 5 : 0);
		assert_memory_equal(keys[i].local, world.rows[i].local, 16);
		assert_memory_equal(keys[i].peer, world.rows[i].peer, 16);
	}
	assert_int_equal(world.tracker.local_ends.count, 2);
}

static void assert_same_counts(const struct conn_counts *a, const struct conn_counts *b)
{
	assert_int_equal(a->open, b->open);
	assert_int_equal(a->busy, b->busy);
	assert_int_equal(a->unsure, b->unsure);
	assert_int_equal(a->unproven, b->unproven);
	assert_int_equal(a->held, b->held);
	assert_int_equal(a->idle, b->idle);
	assert_int_equal(a->in_flight, b->in_flight);
	assert_int_equal(a->undelivered, b->undelivered);
	assert_int_equal(a->undelivered_bytes, b->undelivered_bytes);
	assert_int_equal(a->doubt_ends_in, b->doubt_ends_in);
	assert_int_equal(a->settles_in, b->settles_in);
	assert_int_equal(a->oldest_request_ms, b->oldest_request_ms);
}

/* One is answered and settles, one goes on, one closes; both ways count the same. */
static void both_ways_say_the_same(void **state)
{
	(void)state;
	for (uint64_t cookie = 1; cookie <= 5; cookie++) {
		add(&world, busy(cookie));
		add(&other, busy(cookie));
	}
	poll(&world, START);
	poll(&other, START);
	for (msec_t now = START + 20; now <= START + 3000; now += 20) {
		for (size_t i = 0; i < 5; i++) {
			struct connection *row = &world.rows[i];

			row->last_data_recv_ms += 20;
			row->last_data_sent_ms += 20;
			if (i < 2 && now == START + 100) { /* their answers leave */
				row->data_segs_out++;
				row->segs_out++;
				row->bytes_acked += 500;
				row->last_data_sent_ms = 4;
			}
			if (i == 2 && now == START + 200) {
				row->state = TCP_STATE_FIN_WAIT1;
				row->wqueue = 1;
				row->inode = 0;
			}
			other.rows[i] = *row;
		}
		(void)ask(&world, now);
		poll(&other, now);
		assert_same_counts(&world.tracker.counts, &other.tracker.counts);
	}
	assert_int_equal(world.tracker.counts.busy, 2);
	assert_int_equal(world.tracker.counts.idle, 2);
	assert_int_equal(world.tracker.totals.finished, 2);
	assert_int_equal(other.tracker.totals.finished, 2);
	assert_int_equal(ask(&world, START + 3020), 3); /* what is idle is not asked for again */
}

/* Seen by two polls, 15 ms apart, the writes of one answer look like the pieces of a stream. */
static void questions_close_to_each_other_see_no_stream(void **state)
{
	struct connection *row = &world.rows[0];

	(void)state;
	add(&world, busy(1));
	row->data_segs_out = row->data_segs_in = 40; /* not young */
	poll(&world, START);
	for (msec_t now = START + 22; now <= START + 300; now += 3) {
		row->last_data_recv_ms += 3;
		row->last_data_sent_ms += 3;
		if (now == START + 25 || now == START + 40) {
			row->data_segs_out++;
			row->bytes_acked += 500;
			row->last_data_sent_ms = 0;
		}
		if (conn_tracker_can_ask(&world.tracker))
			(void)ask(&world, now);
	}
	assert_false(world.entries[0].memory.is_stream);
	assert_int_equal(world.tracker.counts.unproven, 0);
}

static void what_is_gone_awaits_its_event(void **state)
{
	struct connection last = busy(1);

	(void)state;
	add(&world, busy(1));
	poll(&world, START);
	world.count = 0;
	assert_int_equal(ask(&world, START + 30), 1);
	assert_int_equal(world.tracker.counts.held, 0);
	assert_true(conn_tracker_awaits_events(&world.tracker));
	last.state = TCP_STATE_CLOSE;
	last.data_segs_out++;
	last.bytes_acked += 500;
	last.last_data_sent_ms = 10;
	conn_tracker_ended(&world.tracker, &last, START + 31);
	assert_false(conn_tracker_awaits_events(&world.tracker));
	assert_int_equal(world.tracker.totals.finished, 1);
	assert_int_equal(ask(&world, START + 40), 0);
}

static void states_without_a_socket_are_gone(void **state)
{
	static const struct {
		uint8_t state;
		bool has_info;
	} rows[] = {
		{TCP_STATE_TIME_WAIT, false},
		{TCP_STATE_CLOSE, true},
		{TCP_STATE_FIN_WAIT2, false},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		begin(state);
		add(&world, busy(1));
		poll(&world, START);
		world.rows[0].state = rows[i].state;
		world.rows[0].has_info = rows[i].has_info;
		assert_int_equal(ask(&world, START + 30), 1);
		assert_int_equal(world.tracker.counts.held, 0);
		assert_int_equal(ask(&world, START + 60), 0);
	}
}

static void what_a_poll_sees_although_it_was_gone_ends_the_trust(void **state)
{
	(void)state;
	add(&world, busy(1));
	poll(&world, START);
	world.count = 0;
	(void)ask(&world, START + 30);
	world.count = 1;
	poll(&world, START + 60);
	assert_true(world.tracker.is_ask_wrong);
	assert_int_equal(world.tracker.counts.busy, 1); /* and it is held again, */
	assert_false(conn_tracker_can_ask(&world.tracker)); /* by polls */
}

static void what_cannot_be_asked_for_is_polled(void **state)
{
	for (int i = 0; i < 6; i++) {
		struct connection row = busy(1);

		begin(state);
		row.family = i == 0 ? AF_UNIX : AF_INET;
		row.rqueue = i == 0;
		row.is_mptcp = i == 1;
		row.cookie = i != 2;
		world.tracker.may_ask = i != 3;
		world.tracker.started = i != 4;
		add(&world, row);
		poll(&world, START);
		assert_true(world.tracker.counts.held == 1);
		assert_int_equal(conn_tracker_can_ask(&world.tracker), i == 5);
	}
	conn_tracker_pass_begin(&world.tracker); /* a poll that fails half-way */
	assert_false(conn_tracker_can_ask(&world.tracker));
}

static void more_ends_than_there_is_room_for_are_polled(void **state)
{
	(void)state;
	for (uint64_t cookie = 1; cookie <= LOCAL_ENDS_MAX; cookie++) {
		add(&world, busy(cookie));
		world.rows[cookie - 1].local_port = (uint16_t)cookie;
	}
	poll(&world, START);
	assert_int_equal(ask(&world, START + 2), LOCAL_ENDS_MAX);
	add(&world, busy(40));
	world.rows[LOCAL_ENDS_MAX].local_port = 40;
	poll(&world, START + 20);
	assert_int_equal(world.tracker.counts.busy, LOCAL_ENDS_MAX + 1);
	assert_false(conn_tracker_can_ask(&world.tracker));
	assert_false(world.tracker.is_ask_wrong);
}

static void a_poll_ends_a_round(void **state)
{
	struct connection_key keys[1];
	size_t asked[1];

	(void)state;
	add(&world, busy(1));
	add(&world, busy(2));
	poll(&world, START);
	conn_tracker_ask_begin(&world.tracker);
	assert_int_equal(conn_tracker_ask_next(&world.tracker, keys, asked, 1), 1);
	conn_tracker_answer(&world.tracker, asked[0], &world.rows[0], START + 1);
	assert_int_equal(world.tracker.counts.busy, 2); /* those of the poll, until all are asked */
	poll(&world, START + 2);
	assert_false(world.tracker.is_asking);
	assert_int_equal(world.tracker.counts.busy, 2);
	assert_int_equal(ask(&world, START + 4), 2);
}

/* The kernel has no memory for the answer, nor for the poll that then takes the round's place. */
static void a_round_that_fails_leaves_the_counts(void **state)
{
	struct connection_key keys[1];
	size_t asked[1];

	(void)state;
	add(&world, busy(1));
	poll(&world, START);
	conn_tracker_ask_begin(&world.tracker);
	assert_int_equal(conn_tracker_ask_next(&world.tracker, keys, asked, 1), 1);
	conn_tracker_ask_fail(&world.tracker);
	assert_false(world.tracker.is_asking);
	assert_int_equal(world.tracker.counts.held, 1);
	assert_int_equal(ask(&world, START + 4), 1);
}

/* A request that comes between two polls is seen by the next one. */
static void what_comes_in_between_is_seen_by_the_next_poll(void **state)
{
	(void)state;
	add(&world, busy(1));
	add(&world, idle(2));
	poll(&world, START);
	world.rows[1] = busy(2);
	world.rows[1].data_segs_in++;
	world.rows[1].bytes_received += 30;
	add(&world, busy(3));
	assert_int_equal(ask(&world, START + 20), 1);
	assert_int_equal(world.tracker.counts.held, 1);
	poll(&world, START + 40);
	assert_int_equal(world.tracker.counts.held, 3);
	assert_int_equal(world.tracker.totals.arrived, 1);
	assert_int_equal(ask(&world, START + 60), 3);
}

#define EACH(test) cmocka_unit_test_setup(test, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(what_holds_or_is_undelivered_is_asked_for),
		EACH(keys_name_the_connection_as_the_poll_has_shown_it),
		EACH(both_ways_say_the_same),
		EACH(questions_close_to_each_other_see_no_stream),
		EACH(what_is_gone_awaits_its_event),
		EACH(states_without_a_socket_are_gone),
		EACH(what_a_poll_sees_although_it_was_gone_ends_the_trust),
		EACH(what_cannot_be_asked_for_is_polled),
		EACH(more_ends_than_there_is_room_for_are_polled),
		EACH(a_poll_ends_a_round),
		EACH(a_round_that_fails_leaves_the_counts),
		EACH(what_comes_in_between_is_seen_by_the_next_poll),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

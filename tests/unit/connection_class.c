/* SPDX-License-Identifier: MIT */
/* The rows are what was measured on real sockets; docs/design.md has the same table. */
#include "core/tcp/connection_class.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ESTABLISHED .state = TCP_STATE_ESTABLISHED, .inode = 7, .has_info = true
#define HALF_CLOSED .state = TCP_STATE_CLOSE_WAIT, .inode = 7, .has_info = true

static const struct class_settings settings = {.settle = 200, .longest_request = 10000};
static const struct class_settings signalled_at = {
	.settle = 200, .longest_request = 10000, .listener_closed = true};

static void expect(struct connection c, enum connection_class expected)
{
	enum connection_class got = connection_judge(&c, &settings);

	if (got != expected)
		fail_msg("judged %s, expected %s", connection_class_name(got),
			connection_class_name(expected));
}

static void requests_and_answers_are_told_apart(void **state)
{
	(void)state;
	/* opened, nothing sent yet */
	expect((struct connection){ESTABLISHED, .last_data_sent_ms = 1168,
		       .last_data_recv_ms = 1168, .last_ack_recv_ms = 1168},
		CONNECTION_NEW);
	/* keep-alive, answered one tick after the request */
	expect((struct connection){ESTABLISHED, .last_data_sent_ms = 1468,
		       .last_data_recv_ms = 1472, .last_ack_recv_ms = 1428, .data_segs_in = 13,
		       .bytes_received = 28, .data_segs_out = 13, .segs_out = 14},
		CONNECTION_IDLE);
	/* the same after its first request; a TLS server's tickets look like that, too */
	expect((struct connection){ESTABLISHED, .last_data_sent_ms = 1468,
		       .last_data_recv_ms = 1472, .last_ack_recv_ms = 1428, .data_segs_in = 1,
		       .bytes_received = 28, .data_segs_out = 1, .segs_out = 2},
		CONNECTION_UNSURE);
	/* second request sent, the application working */
	expect((struct connection){ESTABLISHED, .last_data_sent_ms = 1168,
		       .last_data_recv_ms = 1116, .data_segs_in = 1, .bytes_received = 61,
		       .data_segs_out = 1, .segs_out = 3},
		CONNECTION_BUSY);
	/* first request, never answered: both times count from the accept */
	expect((struct connection){ESTABLISHED, .last_data_sent_ms = 76, .last_data_recv_ms = 76,
		       .data_segs_in = 1, .bytes_received = 3},
		CONNECTION_BUSY);
	/* the same, hours ago: a long poll is work */
	expect((struct connection){ESTABLISHED, .last_data_sent_ms = 7600000,
		       .last_data_recv_ms = 7600000, .data_segs_in = 1, .bytes_received = 3},
		CONNECTION_BUSY);
}

static void bytes_in_a_queue_are_work(void **state)
{
	(void)state;
	/* answer stuck behind a slow client, which acknowledges probes of its closed window */
	expect((struct connection){ESTABLISHED, .wqueue = 2803712, .last_data_sent_ms = 1104,
		       .last_data_recv_ms = 1112, .last_ack_recv_ms = 204, .data_segs_in = 1,
		       .bytes_received = 38, .data_segs_out = 5},
		CONNECTION_BUSY);
	/* request not yet read by the application */
	expect((struct connection){ESTABLISHED, .rqueue = 61, .last_data_sent_ms = 900,
		       .last_data_recv_ms = 1000, .data_segs_in = 1, .bytes_received = 61,
		       .data_segs_out = 1},
		CONNECTION_BUSY);
}

static void a_connection_in_the_accept_queue_is_work(void **state)
{
	(void)state;
	expect((struct connection){.state = TCP_STATE_ESTABLISHED,
		       .has_info = true,
		       .inode = 0,
		       .last_data_sent_ms = 5000,
		       .last_data_recv_ms = 5000},
		CONNECTION_BUSY);
}

static void what_moved_within_settle_may_go_on(void **state)
{
	(void)state;
	expect((struct connection){ESTABLISHED, .last_data_sent_ms = 196, .last_data_recv_ms = 200,
		       .data_segs_in = 1, .bytes_received = 28, .data_segs_out = 1, .segs_out = 2},
		CONNECTION_RECENT);
	expect((struct connection){ESTABLISHED, .last_data_sent_ms = 200, .last_data_recv_ms = 204,
		       .data_segs_in = 13, .bytes_received = 28, .data_segs_out = 13,
		       .segs_out = 14},
		CONNECTION_IDLE);
	/* opened just now: its request is likely on the way */
	expect((struct connection){ESTABLISHED, .last_data_sent_ms = 20, .last_data_recv_ms = 20},
		CONNECTION_RECENT);
}

/* A connection whose server has said so much that it is not young any more. */
static struct connection old_tie(uint32_t age_ms, uint32_t bare_acks)
{
	return (struct connection){ESTABLISHED, .bytes_received = 61, .bytes_acked = 900,
		.last_data_sent_ms = age_ms, .last_data_recv_ms = age_ms,
		.last_ack_recv_ms = age_ms, .segs_in = 26, .data_segs_in = 13,
		.segs_out = 20 + bare_acks, .data_segs_out = 20};
}

static void a_tie_is_proven_by_acknowledgements_alone(void **state)
{
	struct connection c = old_tie(400, 1);

	(void)state;
	expect(c, CONNECTION_IDLE); /* a request that waits would have got another one */
	c = old_tie(400, 2);
	expect(c, CONNECTION_UNSURE);
	c = old_tie(205, 1);
	expect(c, CONNECTION_UNSURE); /* too early for a delayed one */
	c = old_tie(400, 5);
	c.last_ack_recv_ms = 356; /* the client acknowledged the answer by itself, 44 ms later */
	expect(c, CONNECTION_IDLE);
	c = old_tie(2000, 5);
	c.last_ack_recv_ms =
		984; /* what answers the server's TCP keep-alive comes a second later */
	expect(c, CONNECTION_UNSURE);
	c = old_tie(400, 3);
	c.drops = 2; /* two of them answered the client's TCP keep-alive */
	expect(c, CONNECTION_IDLE);
}

/* The client sent its next request in the tick of the answer, and closed its half of the connection 50 ms later: it
 * is its FIN that acknowledged the answer. */
static void a_fin_that_acknowledges_answers_no_tie(void **state)
{
	struct connection c = old_tie(400, 5);

	(void)state;
	c.state = TCP_STATE_CLOSE_WAIT;
	c.bytes_received++;
	c.last_ack_recv_ms = 350;
	expect(c, CONNECTION_UNSURE);
}

static void doubt_ends_when_it_was_quiet_for_the_longest_request(void **state)
{
	(void)state;
	expect(old_tie(9999, 2), CONNECTION_UNSURE);
	expect(old_tie(10000, 2), CONNECTION_IDLE);
}

static void what_little_was_sent_may_be_the_servers_own_words(void **state)
{
	static const struct {
		uint32_t sent, sent_again;
		enum connection_class expected;
	} cases[] = {
		{1, 0, CONNECTION_UNSURE}, {12, 0, CONNECTION_UNSURE}, {13, 0, CONNECTION_IDLE},
		{15, 3, CONNECTION_UNSURE}, {1, 2, CONNECTION_UNSURE}, /* the handshake's, too */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		expect((struct connection){ESTABLISHED, .last_data_sent_ms = 1400,
			       .last_data_recv_ms = 1430, .last_ack_recv_ms = 1360,
			       .data_segs_in = 4, .bytes_received = 900,
			       .data_segs_out = cases[i].sent, .segs_out = cases[i].sent + 3,
			       .retransmitted = cases[i].sent_again},
			cases[i].expected);
}

static void an_answer_that_left_late_may_go_on_for_two_seconds(void **state)
{
	static const struct {
		uint32_t sent_ms, recv_ms;
		enum connection_class expected;
	} cases[] = {
		{900, 1100, CONNECTION_IDLE}, /* within settle */
		{900, 1104, CONNECTION_UNSURE},
		{1996, 9000, CONNECTION_UNSURE},
		{2000, 9000, CONNECTION_IDLE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		expect((struct connection){ESTABLISHED, .last_data_sent_ms = cases[i].sent_ms,
			       .last_data_recv_ms = cases[i].recv_ms, .data_segs_in = 13,
			       .bytes_received = 900, .data_segs_out = 20, .segs_out = 30},
			cases[i].expected);
}

/* ---- connections that are polled: what happens on one, and what the kernel would say of it ---- */

#define YOUNG 1
#define OLD 40 /* segments */

static struct connection_memory memory;
static struct class_settings rule;
static struct connection row;
static msec_t now, sent_at, received_at, acked_at;

/* A connection on which the last answer left `gap` ms after its request, so long ago. */
static void on_a_connection(uint32_t segments, msec_t gap, msec_t ago)
{
	memory = (struct connection_memory){0};
	rule = settings;
	now = INT64_C(4294966296); /* the low 32 bits wrap a second later */
	row = (struct connection){ESTABLISHED, .bytes_received = 500, .bytes_acked = 700,
		.data_segs_in = segments, .data_segs_out = segments, .segs_in = 2 * segments,
		.segs_out = 2 * segments};
	sent_at = acked_at = now - ago;
	received_at = sent_at - gap;
}

static void request_comes(uint32_t bytes)
{
	row.bytes_received += bytes;
	row.data_segs_in++;
	row.segs_in++;
	received_at = acked_at = now;
}

static void answer_leaves(uint32_t bytes)
{
	row.bytes_acked += bytes;
	row.data_segs_out++;
	row.segs_out++;
	sent_at = acked_at = now;
}

static void client_keeps_alive(void)
{
	row.segs_in++;
	row.segs_out++;
	row.drops++;
}

static void sent_again(void)
{
	row.data_segs_out++;
	row.segs_out++;
	row.retransmitted++;
	sent_at = acked_at = now;
}

static enum connection_class poll(void)
{
	row.last_data_sent_ms = (uint32_t)(now - sent_at);
	row.last_data_recv_ms = (uint32_t)(now - received_at);
	row.last_ack_recv_ms = (uint32_t)(now - acked_at);
	return connection_classify(&row, &memory, &rule, now);
}

static void expect_poll(enum connection_class expected, int line)
{
	enum connection_class got = poll();

	if (got != expected)
		fail_msg("line %d: judged %s, expected %s", line, connection_class_name(got),
			connection_class_name(expected));
}

/* After so long, a poll says: */
#define AFTER(ms, expected)                                                                        \
	do {                                                                                       \
		now += ms;                                                                         \
		expect_poll(expected, __LINE__);                                                   \
	} while (0)

/* Polls as often as a drain does. */
static void polls(msec_t for_ms)
{
	for (msec_t until = now + for_ms; now < until; now += 20)
		(void)poll();
}

static void an_acknowledgement_in_a_tie_is_of_a_request_that_waits(void **state)
{
	(void)state;
	on_a_connection(OLD, 0, 12);
	AFTER(0, CONNECTION_RECENT);
	row.segs_out++;
	AFTER(190, CONNECTION_BUSY);
	AFTER(9000000, CONNECTION_BUSY); /* known: not bounded */

	on_a_connection(OLD, 0, 12); /* later than a delayed one can be */
	AFTER(190, CONNECTION_UNSURE);
	row.segs_out++;
	AFTER(150, CONNECTION_UNSURE);

	on_a_connection(OLD, 0, 300); /* the first poll came too late */
	AFTER(0, CONNECTION_UNSURE);
	row.segs_out++;
	AFTER(1000, CONNECTION_UNSURE);
}

/* Its client closes its half of the connection, and the application never closes the other. */
static void an_acknowledgement_of_a_fin_says_nothing_of_a_request(void **state)
{
	(void)state;
	on_a_connection(OLD, 0, 12);
	AFTER(0, CONNECTION_RECENT);
	row.state = TCP_STATE_CLOSE_WAIT;
	row.bytes_received++;
	row.segs_out++;
	AFTER(190, CONNECTION_UNSURE);
	AFTER(10000, CONNECTION_IDLE);

	on_a_connection(OLD, 0, 12); /* one that was sent before the FIN does */
	AFTER(0, CONNECTION_RECENT);
	row.segs_out++;
	AFTER(40, CONNECTION_BUSY);
	row.state = TCP_STATE_CLOSE_WAIT;
	row.bytes_received++;
	row.segs_out++;
	AFTER(100, CONNECTION_BUSY);
	AFTER(9000000, CONNECTION_BUSY);
}

static void a_probe_of_a_closed_window_acknowledges_nothing(void **state)
{
	(void)state;
	on_a_connection(OLD, 4, 5000);
	AFTER(0, CONNECTION_IDLE);
	request_comes(50);
	answer_leaves(2000);
	row.wqueue = 298000; /* more than the client has room for */
	AFTER(60, CONNECTION_BUSY);
	now += 195;
	row.segs_out++;
	AFTER(15, CONNECTION_BUSY);
	now += 5000;
	row.bytes_acked += row.wqueue; /* the client reads all of it */
	row.wqueue = 0;
	sent_at = acked_at = now;
	AFTER(20, CONNECTION_RECENT);
	AFTER(2000, CONNECTION_IDLE);
}

static void no_acknowledgement_since_a_poll_before_the_tie_is_an_answer(void **state)
{
	(void)state;
	on_a_connection(OLD, 0, 2000);
	AFTER(0, CONNECTION_UNSURE);
	now += 500;
	request_comes(50);
	answer_leaves(70);
	AFTER(12, CONNECTION_RECENT);
	AFTER(200, CONNECTION_IDLE);

	on_a_connection(OLD, 0, 2000); /* it may be this one's, or one's between two polls */
	AFTER(0, CONNECTION_UNSURE);
	now += 500;
	row.segs_out++;
	request_comes(50);
	answer_leaves(70);
	AFTER(12, CONNECTION_RECENT);
	AFTER(200, CONNECTION_UNSURE);
	AFTER(9788, CONNECTION_IDLE);
}

static void keep_alive_of_an_idle_client_moves_nothing(void **state)
{
	(void)state;
	on_a_connection(OLD, 0, 2000);
	AFTER(0, CONNECTION_UNSURE);
	now += 500;
	request_comes(50);
	answer_leaves(70);
	AFTER(20, CONNECTION_RECENT);
	for (int i = 0; i < 20; i++) {
		AFTER(980, CONNECTION_IDLE);
		client_keeps_alive();
		AFTER(20, CONNECTION_IDLE);
	}
}

static void two_rests_that_polls_saw_end_a_youth(void **state)
{
	(void)state;
	on_a_connection(YOUNG, 4, 0);
	AFTER(300, CONNECTION_UNSURE);
	for (int i = 0; i < 2; i++) {
		AFTER(1000, CONNECTION_UNSURE); /* a probe each second */
		now += 500;
		request_comes(50);
		now += 4;
		answer_leaves(70);
		AFTER(496, i == 0 ? CONNECTION_UNSURE : CONNECTION_IDLE);
	}
	assert_true(memory.rests == 2);
}

static void what_is_unread_is_no_rest(void **state)
{
	(void)state;
	on_a_connection(YOUNG, 4, 0);
	AFTER(300, CONNECTION_UNSURE);
	for (int i = 0; i < 4; i++) {
		row.rqueue = 50; /* the event loop is blocked */
		AFTER(1000, CONNECTION_BUSY);
		AFTER(1000, CONNECTION_BUSY);
		row.rqueue = 0;
		request_comes(50);
		now += 4;
		answer_leaves(70);
		AFTER(496, CONNECTION_UNSURE);
	}
	assert_true(memory.rests == 0);
}

static void an_answer_that_polls_saw_leave_is_proof_after_two_seconds(void **state)
{
	(void)state;
	on_a_connection(YOUNG, 30, 100); /* fresh TLS: tickets left 30 ms after the request came */
	AFTER(0, CONNECTION_RECENT);
	AFTER(500, CONNECTION_UNSURE);
	AFTER(2000, CONNECTION_UNSURE);
	answer_leaves(700);
	AFTER(20, CONNECTION_RECENT);
	AFTER(1900, CONNECTION_UNSURE);
	AFTER(80, CONNECTION_IDLE);
	assert_int_equal(memory.doubt, DOUBT_ANSWER_OPEN);
}

static void a_servers_words_that_leave_soon_are_no_answer(void **state)
{
	(void)state;
	on_a_connection(YOUNG, 4, 4);
	AFTER(100, CONNECTION_RECENT);
	polls(500);
	answer_leaves(200); /* tickets, half a second late */
	AFTER(20, CONNECTION_RECENT);
	AFTER(5000, CONNECTION_UNSURE);
	AFTER(4980, CONNECTION_IDLE);
	assert_int_equal(memory.doubt, DOUBT_NO_PROOF);

	on_a_connection(YOUNG, 4, 4); /* nor those that leave when what was unread is read */
	row.rqueue = 300;
	AFTER(100, CONNECTION_BUSY);
	AFTER(1600, CONNECTION_BUSY);
	row.rqueue = 0;
	answer_leaves(200);
	AFTER(400, CONNECTION_UNSURE);
	AFTER(5000, CONNECTION_UNSURE);
}

static void bytes_that_left_twice_are_a_stream(void **state)
{
	(void)state;
	on_a_connection(OLD, 0, 5000);
	AFTER(0, CONNECTION_UNSURE);
	request_comes(50);
	polls(100);
	answer_leaves(100);
	polls(500);
	answer_leaves(100);
	polls(500);
	assert_true(memory.is_stream);
	AFTER(3000, CONNECTION_UNSURE); /* it pauses */
	answer_leaves(100);
	AFTER(9000, CONNECTION_UNSURE);
	request_comes(50); /* the next one */
	answer_leaves(100);
	polls(40);
	AFTER(500, CONNECTION_IDLE);
}

static void who_gets_plain_answers_need_not_be_waited_for(void **state)
{
	(void)state;
	on_a_connection(OLD, 0, 5000);
	AFTER(0, CONNECTION_UNSURE);
	for (int i = 0; i < 3; i++) {
		request_comes(50);
		polls(40);
		answer_leaves(100);
		polls(200);
		AFTER(300, i < 2 ? CONNECTION_UNSURE : CONNECTION_IDLE);
	}
	request_comes(50); /* one that takes longer may be a stream, all the same */
	polls(400);
	answer_leaves(100);
	polls(200);
	AFTER(300, CONNECTION_UNSURE);
}

static void one_answer_in_many_segments_is_no_stream(void **state)
{
	(void)state;
	on_a_connection(OLD, 0, 5000);
	AFTER(0, CONNECTION_UNSURE);
	request_comes(50);
	polls(20);
	for (int i = 0; i < 20; i++) { /* a slow client: the queue is never empty */
		answer_leaves(1000);
		row.wqueue = 5000;
		AFTER(20, CONNECTION_BUSY);
	}
	row.bytes_acked += 5000;
	row.wqueue = 0;
	sent_at = now;
	AFTER(8, CONNECTION_RECENT);
	assert_false(memory.is_stream);
	for (int i = 0; i < 20; i++) { /* a fast one, and a server that is just sending */
		answer_leaves(1000);
		AFTER(8, CONNECTION_RECENT);
	}
	AFTER(2000, CONNECTION_IDLE);
}

static void what_is_sent_again_is_no_answer(void **state)
{
	(void)state;
	on_a_connection(OLD, 4, 100); /* the last answer was lost on its way, and a request came */
	AFTER(0, CONNECTION_RECENT);
	request_comes(50);
	AFTER(100, CONNECTION_BUSY);
	sent_again();
	AFTER(300, CONNECTION_BUSY);
	answer_leaves(70);
	AFTER(100, CONNECTION_RECENT);
	AFTER(2000, CONNECTION_IDLE);
}

/* An answer that left in the tick of its request, and then again. A poll that takes long reads the kernel's numbers
 * later than the moment that it counts as now. */
static void what_is_sent_again_after_a_slow_poll_is_of_no_request_that_waits(void **state)
{
	(void)state;
	on_a_connection(OLD, 4, 5000);
	AFTER(0, CONNECTION_IDLE);
	now += 500;
	request_comes(50);
	answer_leaves(70);
	sent_at = received_at -= 80; /* as the first poll sees them, by so much older */
	AFTER(20, CONNECTION_RECENT);
	received_at += 80;
	now += 180;
	sent_again();
	AFTER(12, CONNECTION_RECENT);
	AFTER(220, CONNECTION_IDLE);
	request_comes(50);
	AFTER(20, CONNECTION_BUSY);
	sent_again();
	AFTER(220, CONNECTION_BUSY);
}

/* Nagle keeps the second piece of an answer until the client's delayed acknowledgement of the first. */
static void what_waited_in_the_queue_is_not_sent_again(void **state)
{
	(void)state;
	on_a_connection(OLD, 4, 5000);
	AFTER(0, CONNECTION_IDLE);
	now += 20;
	request_comes(50);
	answer_leaves(70);
	received_at += 4; /* the times are off by a tick */
	row.wqueue = 30;
	AFTER(10, CONNECTION_BUSY);
	now += 34;
	row.wqueue = 0;
	answer_leaves(30);
	AFTER(4, CONNECTION_RECENT);
	AFTER(300, CONNECTION_IDLE);
}

static void an_answer_behind_another_in_the_queue_is_one(void **state)
{
	(void)state;
	on_a_connection(OLD, 4, 100);
	row.wqueue = 400000; /* the client's window is closed */
	AFTER(0, CONNECTION_BUSY);
	request_comes(50);
	AFTER(1000, CONNECTION_BUSY);
	row.wqueue += 70; /* it is answered */
	AFTER(1000, CONNECTION_BUSY);
	now += 5000;
	row.bytes_acked += row.wqueue;
	row.wqueue = 0;
	sent_at = now;
	AFTER(20, CONNECTION_RECENT);
	AFTER(2000, CONNECTION_IDLE);
}

static void a_wait_is_ended_by_the_users_word_alone(void **state)
{
	(void)state;
	on_a_connection(OLD, 4, 100);
	request_comes(50);
	AFTER(60000, CONNECTION_BUSY);
	rule.draining = true;
	rule.stopped_at = now;
	AFTER(60000, CONNECTION_BUSY);

	rule.is_longest_given = true; /* 10 s, from the stop on */
	rule.stopped_at = now;
	AFTER(9999, CONNECTION_BUSY);
	AFTER(1, CONNECTION_IDLE);
	assert_int_equal(memory.doubt, DOUBT_UNANSWERED);
	row.rqueue = 1; /* it does not end bytes that are not read */
	AFTER(1, CONNECTION_BUSY);
	row.rqueue = 0;
	row.wqueue = 1; /* nor bytes that were not delivered */
	AFTER(1, CONNECTION_BUSY);
	row.wqueue = 0;
	row.inode = 0; /* nor what the application has yet to take */
	AFTER(1, CONNECTION_BUSY);
}

/* docker pause: neither the application nor lastcall ran for 3 s of what looks like silence. */
static void a_time_in_which_nothing_ran_ends_no_wait(void **state)
{
	(void)state;
	on_a_connection(OLD, 4, 100);
	rule.draining = true;
	rule.stopped_at = now;
	request_comes(50);
	rule.is_longest_given = true; /* 10 s */
	AFTER(60, CONNECTION_BUSY);
	rule.absent_ms = 3000;
	rule.absent_until = now + 3000;
	AFTER(12999, CONNECTION_BUSY);
	AFTER(1, CONNECTION_IDLE);

	on_a_connection(1, 4, 100);
	AFTER(9000, CONNECTION_UNSURE);
	rule.absent_ms = 3000;
	rule.absent_until = now + 3000;
	AFTER(3000, CONNECTION_UNSURE);
	assert_int_equal(connection_doubt_ends_in(&row, &memory, &rule), 900);
	AFTER(1000, CONNECTION_IDLE);
	now += 100;
	answer_leaves(70); /* it goes on after that, and has no more than its time */
	AFTER(1999, CONNECTION_UNSURE);
	AFTER(1, CONNECTION_IDLE);
}

/* lastcall is late once a wait is over, and the client talks on. */
static void a_wait_that_is_over_stays_over(void **state)
{
	(void)state;
	on_a_connection(OLD, 4, 100);
	rule.draining = true;
	rule.stopped_at = now;
	rule.is_longest_given = true;
	request_comes(50);
	AFTER(60, CONNECTION_BUSY);
	AFTER(9999, CONNECTION_BUSY);
	AFTER(1, CONNECTION_IDLE);
	rule.absent_ms = 200;
	rule.absent_until = now + 100;
	AFTER(100, CONNECTION_IDLE);
	request_comes(50);
	AFTER(20, CONNECTION_IDLE);
	assert_int_equal(memory.doubt, DOUBT_UNANSWERED);
	answer_leaves(70);
	AFTER(2000, CONNECTION_IDLE);
	request_comes(50); /* another one */
	AFTER(60, CONNECTION_BUSY);
	AFTER(9999, CONNECTION_BUSY);
	AFTER(1, CONNECTION_IDLE);
	rule.absent_ms = 3000; /* the poll could not know that it slept */
	rule.absent_until = rule.interrupted_until = now + 1;
	AFTER(20, CONNECTION_BUSY);
	AFTER(2979, CONNECTION_BUSY);
	AFTER(1, CONNECTION_IDLE);
}

/* An absence of 3 s ended within a tick of the answer, so that it belongs to the silence or not, by the poll. */
static void a_doubt_that_silence_has_ended_stays_ended(void **state)
{
	(void)state;
	on_a_connection(1, 4, 100);
	AFTER(100, CONNECTION_UNSURE);
	rule.absent_ms = 3000;
	rule.absent_until = sent_at - 4;
	AFTER(9799, CONNECTION_UNSURE);
	AFTER(1, CONNECTION_IDLE);
	sent_at -= 4;
	received_at -= 4;
	AFTER(20, CONNECTION_IDLE);
	row.drops++; /* keep-alive moves nothing */
	row.segs_out++;
	AFTER(20, CONNECTION_IDLE);
	rule.absent_ms += 200; /* what comes later proves nothing of the time before */
	rule.absent_until = now + 200;
	AFTER(200, CONNECTION_IDLE);
	rule.absent_ms = 3000;
	request_comes(50);
	AFTER(20, CONNECTION_BUSY);
	answer_leaves(70);
	AFTER(9000, CONNECTION_UNSURE);
	rule.absent_until = sent_at; /* as far as is known now */
	AFTER(3000, CONNECTION_UNSURE);
	AFTER(1000, CONNECTION_IDLE);
}

static void what_ended_one_doubt_ends_no_other(void **state)
{
	(void)state;
	on_a_connection(OLD, 500, 100);
	rule.absent_ms = 3000;
	rule.absent_until = sent_at - 4;
	AFTER(0, CONNECTION_RECENT);
	AFTER(1899, CONNECTION_UNSURE);
	AFTER(1, CONNECTION_IDLE);
	rule.listener_closed = true;
	AFTER(20, CONNECTION_UNSURE);
	AFTER(7979, CONNECTION_UNSURE);
	AFTER(1, CONNECTION_IDLE);
	rule.listener_closed = false;
	AFTER(20, CONNECTION_IDLE);
}

/* Of a pause that lastcall slept through in the middle of a poll that poll does not know yet. */
static void an_absence_that_becomes_known_makes_a_silence_shorter(void **state)
{
	(void)state;
	on_a_connection(1, 4, 100);
	AFTER(7000, CONNECTION_UNSURE);
	sent_at -= 3000;
	received_at -= 3000;
	AFTER(1, CONNECTION_IDLE);
	now += 3000;
	sent_at += 3000;
	received_at += 3000;
	rule.absent_ms = 3000;
	rule.absent_until = rule.interrupted_until = now;
	AFTER(20, CONNECTION_UNSURE);
	AFTER(2878, CONNECTION_UNSURE);
	AFTER(1, CONNECTION_IDLE);
}

static void a_request_that_comes_late_in_a_drain_has_its_whole_time(void **state)
{
	(void)state;
	on_a_connection(OLD, 4, 500);
	rule.draining = true;
	rule.is_longest_given = true;
	rule.stopped_at = now;
	AFTER(0, CONNECTION_IDLE);
	AFTER(8000, CONNECTION_IDLE);
	request_comes(50);
	AFTER(4, CONNECTION_BUSY);
	AFTER(9990, CONNECTION_BUSY);
	AFTER(10, CONNECTION_IDLE);
}

static void a_request_that_comes_with_the_last_ones_answer_has_its_whole_time(void **state)
{
	(void)state;
	for (int is_over = 0; is_over <= 1; is_over++) {
		on_a_connection(OLD, 4, 500);
		rule.draining = true;
		rule.is_longest_given = true;
		rule.stopped_at = now;
		request_comes(50);
		AFTER(4, CONNECTION_BUSY);
		AFTER(9900, CONNECTION_BUSY);
		if (is_over)
			AFTER(100, CONNECTION_IDLE);
		answer_leaves(70); /* between two polls */
		now += 4;
		request_comes(50);
		AFTER(4, CONNECTION_BUSY);
		AFTER(9990, CONNECTION_BUSY);
		AFTER(10, CONNECTION_IDLE);
	}
}

static void a_client_that_talks_holds_from_the_stop_or_the_last_answer_on(void **state)
{
	(void)state;
	on_a_connection(OLD, 4, 100);
	request_comes(50);
	for (int i = 0; i < 10; i++) {
		AFTER(1000, CONNECTION_BUSY);
		request_comes(50);
	}
	rule.draining = true;
	rule.is_longest_given = true;
	rule.stopped_at = now;
	AFTER(0, CONNECTION_BUSY);
	for (int i = 0; i < 9; i++) {
		polls(1000);
		assert_int_equal(poll(), CONNECTION_BUSY);
		request_comes(50);
	}
	assert_true(memory.talks);
	polls(980);
	AFTER(20, CONNECTION_IDLE);
	request_comes(50);
	AFTER(4, CONNECTION_IDLE);
	now += 100;
	answer_leaves(70);
	AFTER(4, CONNECTION_RECENT);
	assert_false(memory.talks);
	request_comes(50);
	AFTER(9990, CONNECTION_BUSY);
}

static void a_request_begins_when_an_answer_has_left(void **state)
{
	msec_t asked_at;

	(void)state;
	on_a_connection(OLD, 4, 500);
	polls(40);
	request_comes(50); /* the rest of one that was there before, for all that is known */
	polls(40);
	assert_false(memory.has_asked);
	answer_leaves(70);
	polls(40);
	request_comes(50);
	asked_at = now;
	polls(40);
	assert_true(memory.has_asked);
	request_comes(50); /* its body */
	polls(40);
	assert_int_equal(memory.asked_at, (uint32_t)asked_at);
	assert_true(memory.may_wait);
	answer_leaves(70);
	polls(40);
	assert_false(memory.may_wait);
}

static void doubt_says_when_it_ends(void **state)
{
	(void)state;
	on_a_connection(YOUNG, 4, 3000);
	AFTER(0, CONNECTION_UNSURE);
	assert_int_equal(connection_doubt_ends_in(&row, &memory, &rule), 7000);
	on_a_connection(OLD, 600, 500);
	AFTER(0, CONNECTION_UNSURE);
	assert_int_equal(connection_doubt_ends_in(&row, &memory, &rule), 1500);
}

/* TCP_DEFER_ACCEPT: the kernel waits for the client's first byte, and does not ask again. */
static void a_half_open_connection_that_is_not_asked_again_has_said_nothing(void **state)
{
	(void)state;
	on_a_connection(OLD, 0, 0);
	row = (struct connection){.state = TCP_STATE_SYN_RECV};
	AFTER(0, CONNECTION_RECENT);
	AFTER(1000, CONNECTION_RECENT);
	AFTER(1, CONNECTION_OTHER);
	row = (struct connection){ESTABLISHED, .data_segs_in = 1, .bytes_received = 50};
	sent_at = received_at = now;
	AFTER(4, CONNECTION_BUSY); /* it has spoken */
}

static void a_half_closed_client_still_reads(void **state)
{
	(void)state;
	expect((struct connection){HALF_CLOSED, .last_data_sent_ms = 500, .last_data_recv_ms = 480,
		       .data_segs_in = 1, .bytes_received = 61, .data_segs_out = 1},
		CONNECTION_BUSY);
	expect((struct connection){HALF_CLOSED, .last_data_sent_ms = 470, .last_data_recv_ms = 480,
		       .data_segs_in = 1, .bytes_received = 61, .data_segs_out = 13,
		       .segs_out = 14},
		CONNECTION_IDLE);
}

static void a_fin_is_no_request(void **state)
{
	(void)state;
	/* a keep-alive connection that the client has closed, and the application has yet to */
	expect((struct connection){HALF_CLOSED, .rqueue = 1, .last_data_sent_ms = 470,
		       .last_data_recv_ms = 480, .data_segs_in = 1, .bytes_received = 62,
		       .data_segs_out = 13, .segs_out = 14},
		CONNECTION_IDLE);
	/* one that was closed without ever having been used */
	expect((struct connection){HALF_CLOSED, .rqueue = 1, .last_data_sent_ms = 470,
		       .last_data_recv_ms = 470, .bytes_received = 1},
		CONNECTION_NEW);
	/* with a request before it */
	expect((struct connection){HALF_CLOSED, .rqueue = 62, .last_data_sent_ms = 470,
		       .last_data_recv_ms = 480, .data_segs_in = 2, .bytes_received = 123,
		       .data_segs_out = 1},
		CONNECTION_BUSY);
}

static void after_the_listener_is_closed_what_is_open_may_be_work(void **state)
{
	struct connection paused = {ESTABLISHED, .last_data_sent_ms = 900, .last_data_recv_ms = 904,
		.data_segs_in = 1, .bytes_received = 61, .data_segs_out = 18, .segs_out = 19};
	const struct connection never_used = {
		ESTABLISHED, .last_data_sent_ms = 900, .last_data_recv_ms = 900};

	(void)state;
	assert_int_equal(connection_judge(&paused, &settings), CONNECTION_IDLE);
	assert_int_equal(connection_judge(&paused, &signalled_at), CONNECTION_UNSURE);
	assert_int_equal(connection_judge(&never_used, &signalled_at), CONNECTION_NEW);
	paused.last_data_sent_ms = 10000;
	paused.last_data_recv_ms = 10004;
	assert_int_equal(connection_judge(&paused, &signalled_at), CONNECTION_IDLE);
}

static void other_states_are_no_work(void **state)
{
	static const enum tcp_state states[] = {TCP_STATE_SYN_SENT, TCP_STATE_FIN_WAIT2,
		TCP_STATE_TIME_WAIT, TCP_STATE_CLOSE, TCP_STATE_LISTEN};

	(void)state;
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		expect((struct connection){.state = (uint8_t)states[i], .wqueue = 9},
			CONNECTION_OTHER);
	expect((struct connection){.state = 99}, CONNECTION_OTHER);
	expect((struct connection){.state = TCP_STATE_SYN_RECV}, CONNECTION_RECENT);
	expect((struct connection){.state = TCP_STATE_SYN_RECV, .retransmits = 1},
		CONNECTION_OTHER);
}

static void closed_ones_are_delivered_or_not(void **state)
{
	struct connection c = {.state = TCP_STATE_FIN_WAIT1,
		.has_info = true,
		.wqueue = 3866626,
		.last_ack_recv_ms = 4};

	(void)state;
	expect(c, CONNECTION_CLOSING);
	assert_int_equal(connection_undelivered_bytes(&c), 3866625); /* the FIN is no byte */
	c.wqueue = 1; /* but it has to arrive */
	assert_true(connection_is_undelivered(&c));
	assert_int_equal(connection_undelivered_bytes(&c), 0);
	c.retransmits = 2; /* not at any price */
	assert_false(connection_is_undelivered(&c));
	c.wqueue = 0;
	assert_false(connection_is_undelivered(&c));
	expect(c, CONNECTION_OTHER);
}

static void a_peer_that_is_gone_holds_nothing(void **state)
{
	struct connection c = {ESTABLISHED, .wqueue = 5000, .last_data_sent_ms = 3200,
		.last_data_recv_ms = 3300, .last_ack_recv_ms = 3300, .data_segs_in = 1,
		.bytes_received = 61, .data_segs_out = 4, .retransmits = 4};

	(void)state;
	expect(c, CONNECTION_IDLE);
	assert_false(connection_is_undelivered(&c));
	c.retransmits = 3;
	expect(c, CONNECTION_BUSY);
	c.retransmits = 0;
	c.probes = 4; /* its window was closed when it went */
	expect(c, CONNECTION_IDLE);
	c.retransmits = 4;
	c.last_ack_recv_ms = 2900;
	expect(c, CONNECTION_BUSY);
}

static void without_tcp_info_open_is_busy(void **state)
{
	(void)state;
	expect((struct connection){.state = TCP_STATE_ESTABLISHED, .inode = 7}, CONNECTION_BUSY);
	expect((struct connection){.state = TCP_STATE_FIN_WAIT1, .wqueue = 9}, CONNECTION_CLOSING);
}

static void an_ending_was_answered_or_not(void **state)
{
	struct connection c = {.state = TCP_STATE_CLOSE,
		.has_info = true,
		.data_segs_in = 1,
		.bytes_received = 61,
		.last_data_sent_ms = 4,
		.last_data_recv_ms = 500,
		.data_segs_out = 1};

	(void)state;
	assert_false(connection_is_unanswered(&c));
	c.last_data_sent_ms = 700;
	assert_true(connection_is_unanswered(&c));
	c.data_segs_out = 0;
	c.last_data_sent_ms = 500;
	assert_true(connection_is_unanswered(&c));
	c.data_segs_in = 0;
	assert_false(connection_is_unanswered(&c));
	c.rqueue = 1; /* the client's FIN, which is not read any more */
	assert_false(connection_is_unanswered(&c));
	c.rqueue = 2;
	assert_true(connection_is_unanswered(&c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_and_answers_are_told_apart),
		cmocka_unit_test(bytes_in_a_queue_are_work),
		cmocka_unit_test(a_connection_in_the_accept_queue_is_work),
		cmocka_unit_test(what_moved_within_settle_may_go_on),
		cmocka_unit_test(a_tie_is_proven_by_acknowledgements_alone),
		cmocka_unit_test(a_fin_that_acknowledges_answers_no_tie),
		cmocka_unit_test(doubt_ends_when_it_was_quiet_for_the_longest_request),
		cmocka_unit_test(what_little_was_sent_may_be_the_servers_own_words),
		cmocka_unit_test(an_answer_that_left_late_may_go_on_for_two_seconds),
		cmocka_unit_test(an_acknowledgement_in_a_tie_is_of_a_request_that_waits),
		cmocka_unit_test(an_acknowledgement_of_a_fin_says_nothing_of_a_request),
		cmocka_unit_test(a_probe_of_a_closed_window_acknowledges_nothing),
		cmocka_unit_test(no_acknowledgement_since_a_poll_before_the_tie_is_an_answer),
		cmocka_unit_test(keep_alive_of_an_idle_client_moves_nothing),
		cmocka_unit_test(two_rests_that_polls_saw_end_a_youth),
		cmocka_unit_test(what_is_unread_is_no_rest),
		cmocka_unit_test(an_answer_that_polls_saw_leave_is_proof_after_two_seconds),
		cmocka_unit_test(a_servers_words_that_leave_soon_are_no_answer),
		cmocka_unit_test(bytes_that_left_twice_are_a_stream),
		cmocka_unit_test(who_gets_plain_answers_need_not_be_waited_for),
		cmocka_unit_test(one_answer_in_many_segments_is_no_stream),
		cmocka_unit_test(what_is_sent_again_is_no_answer),
		cmocka_unit_test(what_is_sent_again_after_a_slow_poll_is_of_no_request_that_waits),
		cmocka_unit_test(what_waited_in_the_queue_is_not_sent_again),
		cmocka_unit_test(an_answer_behind_another_in_the_queue_is_one),
		cmocka_unit_test(a_wait_is_ended_by_the_users_word_alone),
		cmocka_unit_test(a_wait_that_is_over_stays_over),
		cmocka_unit_test(a_doubt_that_silence_has_ended_stays_ended),
		cmocka_unit_test(what_ended_one_doubt_ends_no_other),
		cmocka_unit_test(an_absence_that_becomes_known_makes_a_silence_shorter),
		cmocka_unit_test(a_request_that_comes_late_in_a_drain_has_its_whole_time),
		cmocka_unit_test(a_request_that_comes_with_the_last_ones_answer_has_its_whole_time),
		cmocka_unit_test(a_client_that_talks_holds_from_the_stop_or_the_last_answer_on),
		cmocka_unit_test(a_request_begins_when_an_answer_has_left),
		cmocka_unit_test(doubt_says_when_it_ends),
		cmocka_unit_test(a_half_open_connection_that_is_not_asked_again_has_said_nothing),
		cmocka_unit_test(a_half_closed_client_still_reads),
		cmocka_unit_test(a_fin_is_no_request),
		cmocka_unit_test(after_the_listener_is_closed_what_is_open_may_be_work),
		cmocka_unit_test(other_states_are_no_work),
		cmocka_unit_test(closed_ones_are_delivered_or_not),
		cmocka_unit_test(a_peer_that_is_gone_holds_nothing),
		cmocka_unit_test(a_time_in_which_nothing_ran_ends_no_wait),
		cmocka_unit_test(without_tcp_info_open_is_busy),
		cmocka_unit_test(an_ending_was_answered_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

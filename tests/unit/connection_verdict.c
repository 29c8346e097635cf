/* SPDX-License-Identifier: MIT */
/* The rows are what was measured on real sockets; docs/design.md has the same table. */
#include "core/connection_verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ESTABLISHED .state = TCP_STATE_ESTABLISHED, .inode = 7, .has_info = true

static const struct verdict_settings settings = {.settle = 200};
static const struct verdict_settings told = {.settle = 200, .listener_closed = true};

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
		       .last_data_recv_ms = 1472, .last_ack_recv_ms = 1428, .data_segs_in = 1,
		       .bytes_received = 28, .data_segs_out = 1, .segs_out = 2},
		CONNECTION_IDLE);
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
		       .data_segs_in = 1, .bytes_received = 28, .data_segs_out = 1, .segs_out = 2},
		CONNECTION_IDLE);
	/* opened just now: its request is likely on the way */
	expect((struct connection){ESTABLISHED, .last_data_sent_ms = 20, .last_data_recv_ms = 20},
		CONNECTION_RECENT);
}

static void ties_are_resolved_by_acknowledgements(void **state)
{
	const struct connection tie = {
		ESTABLISHED, .data_segs_in = 1, .bytes_received = 61, .data_segs_out = 3};
	struct connection c = tie;

	(void)state;
	c.last_data_sent_ms = c.last_data_recv_ms = c.last_ack_recv_ms = 400;
	c.segs_out =
		4; /* one bare acknowledgement: the handshake's; a request that waits gets another */
	expect(c, CONNECTION_IDLE);
	c.segs_out = 5;
	expect(c, CONNECTION_BUSY);
	c.last_ack_recv_ms = 356; /* the client acknowledged the answer 44 ms later */
	expect(c, CONNECTION_IDLE);
	c.last_ack_recv_ms = 400;
	c.last_data_sent_ms = c.last_data_recv_ms = 5000; /* the hold is bounded */
	c.last_ack_recv_ms = 5000;
	expect(c, CONNECTION_IDLE);
}

static void a_tie_cannot_be_judged_before_a_delayed_acknowledgement(void **state)
{
	const struct verdict_settings hasty = {.settle = 0};
	const struct connection c = {ESTABLISHED, .data_segs_in = 1, .bytes_received = 61,
		.data_segs_out = 3, .segs_out = 4, .last_data_sent_ms = 100,
		.last_data_recv_ms = 100, .last_ack_recv_ms = 100};

	(void)state;
	assert_int_equal(connection_judge(&c, &hasty), CONNECTION_RECENT);
}

static void a_conversation_of_single_segments_is_counted(void **state)
{
	/* nine requests and eight answers: a long poll that was asked for again at once */
	struct connection c = {ESTABLISHED, .bytes_received = 610, .last_data_sent_ms = 30000,
		.last_data_recv_ms = 30000, .last_ack_recv_ms = 30000, .segs_in = 10,
		.data_segs_in = 9, .segs_out = 16, .data_segs_out = 8};

	(void)state;
	expect(c, CONNECTION_BUSY);
	c.segs_in = 18; /* a client that acknowledges each answer by itself may have done so last */
	expect(c, CONNECTION_IDLE);
	c.segs_in = 10;
	c.data_segs_in = 8;
	expect(c, CONNECTION_IDLE);
	c.segs_in = 40; /* an upload has more than one segment more */
	c.data_segs_in = 38;
	expect(c, CONNECTION_IDLE);
	c.segs_in = 10;
	c.data_segs_in = 9;
	c.last_data_sent_ms = c.last_data_recv_ms = c.last_ack_recv_ms = 60000; /* it is no proof */
	expect(c, CONNECTION_IDLE);
}

/* A connection with slow requests in its past, at a look `age` ms after the last byte. */
static struct connection old_tie(uint32_t age_ms, uint32_t exchanges, uint32_t bare_acks)
{
	return (struct connection){ESTABLISHED, .bytes_received = 61, .last_data_sent_ms = age_ms,
		.last_data_recv_ms = age_ms, .last_ack_recv_ms = age_ms, .segs_in = 2 * exchanges,
		.data_segs_in = exchanges, .segs_out = 2 * exchanges + bare_acks,
		.data_segs_out = 2 * exchanges};
}

static void expect_again(
	struct connection c, struct connection_memory *memory, enum connection_class expected)
{
	enum connection_class got = connection_judge_again(&c, memory, &settings);

	if (got != expected)
		fail_msg("judged %s, expected %s", connection_class_name(got),
			connection_class_name(expected));
}

static void an_acknowledgement_since_the_first_look_is_of_a_request_that_waits(void **state)
{
	struct connection_memory memory = {0};

	(void)state;
	expect_again(old_tie(12, 9, 5), &memory, CONNECTION_RECENT);
	expect_again(old_tie(212, 9, 6), &memory, CONNECTION_BUSY);
	expect_again(old_tie(9000000, 9, 6), &memory, CONNECTION_BUSY); /* known: not bounded */
}

static void no_acknowledgement_since_an_earlier_look_is_an_answer(void **state)
{
	struct connection_memory memory = {0};

	(void)state;
	expect_again(old_tie(2000, 9, 5), &memory, CONNECTION_BUSY);
	expect_again(old_tie(12, 10, 5), &memory, CONNECTION_RECENT);
	expect_again(old_tie(212, 10, 5), &memory, CONNECTION_IDLE);
	expect_again(
		old_tie(12, 11, 6), &memory, CONNECTION_RECENT); /* its own, or an earlier one's */
	expect_again(old_tie(212, 11, 6), &memory, CONNECTION_BUSY);
	expect_again(old_tie(5000, 11, 6), &memory, CONNECTION_IDLE);
}

static void a_look_within_the_tie_is_no_earlier_look(void **state)
{
	struct connection_memory memory = {0};

	/* the acknowledgement may have been sent at once, before that look */
	(void)state;
	expect_again(old_tie(4, 9, 5), &memory, CONNECTION_RECENT);
	expect_again(old_tie(212, 9, 5), &memory, CONNECTION_BUSY);
}

static void counters_may_wrap(void **state)
{
	struct connection_memory memory = {0};

	(void)state;
	expect_again(old_tie(2000, 65535, 65535), &memory, CONNECTION_BUSY);
	expect_again(old_tie(12, 65536, 65536), &memory, CONNECTION_RECENT);
	expect_again(old_tie(212, 65536, 65537), &memory, CONNECTION_BUSY);
}

static void what_is_quiet_for_long_can_be_called_idle(void **state)
{
	const struct verdict_settings bounded = {.settle = 200, .longest_request = 5000};
	const struct verdict_settings after_told = {
		.settle = 200, .longest_request = 5000, .listener_closed = true};
	const struct verdict_settings never = {.settle = 200, .longest_request = MSEC_NEVER};
	struct connection c = {ESTABLISHED, .last_data_sent_ms = 8000, .last_data_recv_ms = 4999,
		.data_segs_in = 1, .bytes_received = 61, .data_segs_out = 1};

	(void)state;
	assert_int_equal(connection_judge(&c, &bounded), CONNECTION_BUSY);
	c.last_data_recv_ms = 5000;
	assert_int_equal(connection_judge(&c, &bounded), CONNECTION_IDLE);
	assert_int_equal(connection_judge(&c, &after_told), CONNECTION_IDLE);
	assert_int_equal(connection_judge(&c, &never), CONNECTION_BUSY);
	assert_int_equal(connection_judge(&c, &settings), CONNECTION_BUSY);
	c.rqueue = 1;
	assert_int_equal(connection_judge(&c, &bounded), CONNECTION_BUSY);
	c.rqueue = 0;
	c.wqueue = 1;
	assert_int_equal(connection_judge(&c, &bounded), CONNECTION_BUSY);
	c.wqueue = 0;
	c.inode = 0; /* in the accept queue */
	assert_int_equal(connection_judge(&c, &bounded), CONNECTION_BUSY);
	c.inode = 7;
	c.data_segs_in = 0;
	assert_int_equal(connection_judge(&c, &bounded), CONNECTION_NEW);
}

static void a_half_closed_client_still_reads(void **state)
{
	(void)state;
	expect((struct connection){.state = TCP_STATE_CLOSE_WAIT,
		       .inode = 7,
		       .has_info = true,
		       .last_data_sent_ms = 500,
		       .last_data_recv_ms = 480,
		       .data_segs_in = 1,
		       .bytes_received = 61,
		       .data_segs_out = 1},
		CONNECTION_BUSY);
	expect((struct connection){.state = TCP_STATE_CLOSE_WAIT,
		       .inode = 7,
		       .has_info = true,
		       .last_data_sent_ms = 470,
		       .last_data_recv_ms = 480,
		       .data_segs_in = 1,
		       .bytes_received = 61,
		       .data_segs_out = 1,
		       .segs_out = 2},
		CONNECTION_IDLE);
}

static void a_fin_is_no_request(void **state)
{
	(void)state;
	/* a keep-alive connection that the client has closed, and the application has yet to */
	expect((struct connection){.state = TCP_STATE_CLOSE_WAIT,
		       .inode = 7,
		       .has_info = true,
		       .rqueue = 1,
		       .last_data_sent_ms = 470,
		       .last_data_recv_ms = 480,
		       .data_segs_in = 1,
		       .bytes_received = 62,
		       .data_segs_out = 1,
		       .segs_out = 2},
		CONNECTION_IDLE);
	/* one that was closed without ever having been used */
	expect((struct connection){.state = TCP_STATE_CLOSE_WAIT,
		       .inode = 7,
		       .has_info = true,
		       .rqueue = 1,
		       .last_data_sent_ms = 470,
		       .last_data_recv_ms = 470,
		       .bytes_received = 1},
		CONNECTION_NEW);
	/* with a request before it */
	expect((struct connection){.state = TCP_STATE_CLOSE_WAIT,
		       .inode = 7,
		       .has_info = true,
		       .rqueue = 62,
		       .last_data_sent_ms = 470,
		       .last_data_recv_ms = 480,
		       .data_segs_in = 2,
		       .bytes_received = 123,
		       .data_segs_out = 1},
		CONNECTION_BUSY);
}

static void after_the_listener_is_closed_what_is_open_is_work(void **state)
{
	const struct connection paused_stream = {ESTABLISHED, .last_data_sent_ms = 900,
		.last_data_recv_ms = 1400, .data_segs_in = 1, .bytes_received = 61,
		.data_segs_out = 8, .segs_out = 9};
	const struct connection never_used = {
		ESTABLISHED, .last_data_sent_ms = 900, .last_data_recv_ms = 900};

	(void)state;
	assert_int_equal(connection_judge(&paused_stream, &settings), CONNECTION_IDLE);
	assert_int_equal(connection_judge(&paused_stream, &told), CONNECTION_BUSY);
	assert_int_equal(connection_judge(&never_used, &told), CONNECTION_NEW);
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
	c.rqueue = 1; /* the client's FIN, which nobody reads any more */
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
		cmocka_unit_test(ties_are_resolved_by_acknowledgements),
		cmocka_unit_test(a_tie_cannot_be_judged_before_a_delayed_acknowledgement),
		cmocka_unit_test(a_conversation_of_single_segments_is_counted),
		cmocka_unit_test(
			an_acknowledgement_since_the_first_look_is_of_a_request_that_waits),
		cmocka_unit_test(no_acknowledgement_since_an_earlier_look_is_an_answer),
		cmocka_unit_test(a_look_within_the_tie_is_no_earlier_look),
		cmocka_unit_test(counters_may_wrap),
		cmocka_unit_test(what_is_quiet_for_long_can_be_called_idle),
		cmocka_unit_test(a_half_closed_client_still_reads),
		cmocka_unit_test(a_fin_is_no_request),
		cmocka_unit_test(after_the_listener_is_closed_what_is_open_is_work),
		cmocka_unit_test(other_states_are_no_work),
		cmocka_unit_test(closed_ones_are_delivered_or_not),
		cmocka_unit_test(a_peer_that_is_gone_holds_nothing),
		cmocka_unit_test(without_tcp_info_open_is_busy),
		cmocka_unit_test(an_ending_was_answered_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The rows are those of Linux 6.18: four megabytes unread by the client, a connection in the accept queue, one
 * that was closed, and one of two subflows. */
#include "core/codec/mptcp_rows.h"
#include "core/tcp/connection_numbers.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>

static struct mptcp_rows rows;

static int begin(void **state)
{
	(void)state;
	memset(&rows, 0, sizeof rows);
	mptcp_rows_begin(&rows);
	return 0;
}

static struct connection row(uint64_t cookie, uint16_t peer_port, uint32_t inode)
{
	return (struct connection){.cookie = cookie,
		.family = AF_INET,
		.state = TCP_STATE_ESTABLISHED,
		.local_port = 8080,
		.peer_port = peer_port,
		.peer = {10, 0, 0, 7},
		.inode = inode};
}

static struct connection whole(uint16_t peer_port, uint32_t inode)
{
	struct connection c = row(9000, peer_port, inode);

	c.is_mptcp = true;
	return c;
}

static struct connection subflow(uint64_t cookie, uint16_t peer_port, uint32_t inode)
{
	struct connection c = row(cookie, peer_port, inode);

	c.has_info = true;
	c.last_data_sent_ms = 500;
	c.last_data_recv_ms = 600;
	c.last_ack_recv_ms = 450;
	c.data_segs_in = 1;
	c.data_segs_out = 40;
	c.bytes_received = 3;
	return c;
}

static void queues_are_the_connections_and_times_the_subflows(void **state)
{
	struct connection connection = whole(4000, 77), flow = subflow(1, 4000, 77);

	(void)state;
	connection.wqueue = 3910884;
	connection.rqueue = 833;
	connection.state = TCP_STATE_CLOSE_WAIT;
	flow.wqueue = 1;
	mptcp_rows_add(&rows, &connection);
	assert_true(mptcp_rows_merge(&rows, &flow));
	assert_int_equal(rows.count, 1);
	assert_true(rows.rows[0].has_subflow);
	assert_int_equal(rows.rows[0].row.cookie, 1); /* that of the event when it ends */
	assert_int_equal(rows.rows[0].row.wqueue, 3910884);
	assert_int_equal(rows.rows[0].row.rqueue, 833);
	assert_int_equal(rows.rows[0].row.state, TCP_STATE_CLOSE_WAIT);
	assert_int_equal(rows.rows[0].row.last_data_sent_ms, 500);
	assert_true(rows.rows[0].row.has_info);
}

static void after_a_fallback_the_queue_is_the_subflows(void **state)
{
	struct connection connection = whole(4000, 77), flow = subflow(1, 4000, 77);

	(void)state;
	flow.wqueue = 5000;
	mptcp_rows_add(&rows, &connection);
	assert_true(mptcp_rows_merge(&rows, &flow));
	assert_int_equal(rows.rows[0].row.wqueue, 5000);
}

/* Its subflow stays ESTABLISHED, with an inode that no process holds any more. */
static void closed_connection_is_closed(void **state)
{
	struct connection connection = whole(4000, 0), flow = subflow(1, 4000, 77);

	(void)state;
	connection.state = TCP_STATE_FIN_WAIT1;
	connection.wqueue = 1001;
	mptcp_rows_add(&rows, &connection);
	assert_true(mptcp_rows_merge(&rows, &flow));
	assert_int_equal(rows.rows[0].row.state, TCP_STATE_FIN_WAIT1);
	assert_int_equal(rows.rows[0].row.inode, 0);
	assert_int_equal(rows.rows[0].row.wqueue, 1001);
}

static void further_subflows_are_one_connection(void **state)
{
	struct connection connection = whole(4000, 77), first = subflow(1, 4000, 77),
			  second = subflow(2, 4999, 77);

	(void)state;
	first.segs_out = second.segs_out = 43; /* three are acknowledgements alone */
	first.retransmitted = second.retransmitted = 1;
	second.drops = 2; /* two of them answered TCP keep-alive */
	second.last_data_sent_ms = 40;
	mptcp_rows_add(&rows, &connection);
	assert_true(mptcp_rows_merge(&rows, &first));
	assert_true(mptcp_rows_merge(&rows, &second));
	assert_true(mptcp_rows_merge(&rows, &first)); /* a row may come twice */
	assert_int_equal(rows.count, 1);
	assert_int_equal(rows.rows[0].row.cookie, 1);
	assert_int_equal(rows.rows[0].row.last_data_sent_ms, 40);
	assert_int_equal(rows.rows[0].row.data_segs_out, 80);
	assert_int_equal(rows.rows[0].row.retransmitted, 2);
	assert_int_equal(connection_bare_acks(&rows.rows[0].row), 4);
	assert_true(mptcp_rows_has_joined(&rows, 2));
	assert_false(mptcp_rows_has_joined(&rows, 1));
}

static void others_are_left_alone(void **state)
{
	struct connection connection = whole(4000, 0), plain = subflow(1, 4001, 0),
			  left = subflow(3, 4002, 0), of_tcp = row(4, 4003, 5);

	(void)state;
	mptcp_rows_add(&rows, &connection);
	mptcp_rows_add(&rows, &of_tcp); /* a kernel that does not know the protocol */
	assert_int_equal(rows.count, 1);
	assert_false(mptcp_rows_merge(&rows, &plain)); /* both are in the accept queue */
	left.is_mptcp = true;
	assert_true(mptcp_rows_merge(&rows, &left)); /* of a connection that is gone */
	assert_false(rows.rows[0].has_subflow);
}

static void a_dump_is_due_where_the_kernel_names_no_subflow(void **state)
{
	static const struct {
		bool names_subflows, is_stopping;
		size_t count; /* of connections that the last dump has found */
		msec_t now;
		bool is_due;
	} table[] = {
		{.now = 5000, .is_due = false},
		{.is_stopping = true, .now = 4999, .is_due = false}, /* the last was at 4000 */
		{.is_stopping = true, .now = 5000, .is_due = true},
		{.is_stopping = true, .count = 1, .now = 4020, .is_due = true},
		{.count = 1, .now = 4020, .is_due = true},
		{.names_subflows = true, .is_stopping = true, .now = 9000, .is_due = false},
		{.names_subflows = true, .is_stopping = true, .count = 1, .now = 9000},
	};

	(void)state;
	mptcp_rows_end(&rows, true, 4000);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		rows.count = table[i].count;
		if (mptcp_rows_is_due(&rows, table[i].names_subflows, table[i].is_stopping,
			    table[i].now) != table[i].is_due)
			fail_msg("row %d", (int)i);
	}
}

static void named_subflows_are_held_until_the_dump(void **state)
{
	struct connection connection = whole(4000, 12), flow = subflow(1, 4000, 12);
	struct connection plain = subflow(2, 4001, 13), left = subflow(3, 4002, 0);

	(void)state;
	flow.is_mptcp = left.is_mptcp = true;
	assert_false(mptcp_rows_take(&rows, &plain));
	assert_false(mptcp_rows_awaits_dump(&rows));
	assert_true(mptcp_rows_take(&rows, &flow));
	assert_true(mptcp_rows_take(&rows, &left));
	assert_true(mptcp_rows_awaits_dump(&rows));
	mptcp_rows_add(&rows, &connection);
	mptcp_rows_end(&rows, true, 1000);
	assert_false(mptcp_rows_awaits_dump(&rows));
	assert_int_equal(rows.subflow_count, 2);
	for (size_t i = 0; i < rows.subflow_count; i++) /* none counts by itself, */
		assert_true(mptcp_rows_take(&rows, &rows.subflows[i]));
	assert_true(rows.rows[0].has_subflow);
	mptcp_rows_begin(&rows); /* and the next poll begins anew */
	assert_false(mptcp_rows_awaits_dump(&rows));
}

/* Without its connection's row a subflow would count for nothing. */
static void where_not_all_is_known_each_subflow_counts_by_itself(void **state)
{
	struct connection connection = whole(4000, 12), flow = subflow(1, 4000, 12);

	(void)state;
	flow.is_mptcp = true;
	assert_true(mptcp_rows_take(&rows, &flow));
	mptcp_rows_add(&rows, &connection);
	mptcp_rows_end(&rows, false, 1000); /* it failed half-way */
	assert_false(mptcp_rows_take(&rows, &rows.subflows[0]));

	mptcp_rows_begin(&rows);
	for (unsigned i = 0; i < MPTCP_ROWS_MAX; i++)
		assert_true(mptcp_rows_take(&rows, &flow));
	assert_false(mptcp_rows_take(&rows, &flow)); /* no room */
	assert_false(mptcp_rows_awaits_dump(&rows));
	assert_false(mptcp_rows_take(&rows, &rows.subflows[0]));

	mptcp_rows_begin(&rows);
	for (unsigned i = 0; i < MPTCP_ROWS_MAX; i++)
		mptcp_rows_add(&rows, &connection);
	mptcp_rows_end(&rows, true, 1000); /* there may be more */
	assert_false(mptcp_rows_take(&rows, &flow));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(queues_are_the_connections_and_times_the_subflows, begin),
		cmocka_unit_test_setup(after_a_fallback_the_queue_is_the_subflows, begin),
		cmocka_unit_test_setup(closed_connection_is_closed, begin),
		cmocka_unit_test_setup(further_subflows_are_one_connection, begin),
		cmocka_unit_test_setup(others_are_left_alone, begin),
		cmocka_unit_test_setup(a_dump_is_due_where_the_kernel_names_no_subflow, begin),
		cmocka_unit_test_setup(named_subflows_are_held_until_the_dump, begin),
		cmocka_unit_test_setup(where_not_all_is_known_each_subflow_counts_by_itself, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

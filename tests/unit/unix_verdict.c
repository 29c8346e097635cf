/* SPDX-License-Identifier: MIT */
#include "core/tcp/connection_class.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>

struct row {
	const char *name;
	uint32_t unread, unread_by_client, movements, quiet;
	msec_t longest_request;
	bool client_left;
	enum connection_class expected;
};

static const struct row rows[] = {
	{"unread", 1, 0, 0, 60000, 0, false, CONNECTION_BUSY},
	{"unread, whatever the user says", 1, 0, 0, 60000, 1000, false, CONNECTION_BUSY},
	{"unread, the client has left", 1, 0, 0, 60000, 0, true, CONNECTION_BUSY},
	{"answer not read yet", 0, 7, 0, 60000, 1000, false, CONNECTION_BUSY},
	{"seen to move just now", 0, 0, 1, 199, 0, false, CONNECTION_BUSY},
	{"moved before", 0, 0, 1, 200, 0, false, CONNECTION_UNSURE},
	{"never seen to move", 0, 0, 0, 0, 0, false, CONNECTION_UNSURE},
	{"quiet, not for long", 0, 0, 0, 9999, 0, false, CONNECTION_UNSURE},
	{"quiet", 0, 0, 0, 10000, 0, false, CONNECTION_IDLE},
	{"quiet, no limit", 0, 0, 0, 999999, -1, false, CONNECTION_UNSURE},
	{"quiet, below the longest request", 0, 0, 5, 2999, 3000, false, CONNECTION_UNSURE},
	{"quiet for the longest request", 0, 0, 5, 3000, 3000, false, CONNECTION_IDLE},
	{"requests are long", 0, 0, 5, 59999, 60000, false, CONNECTION_UNSURE},
	{"no client left to answer", 0, 0, 0, 0, 0, true, CONNECTION_IDLE},
};

static void each_row_has_its_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = &rows[i];
		const struct class_settings settings = {.settle = 200,
			.longest_request = row->longest_request < 0   ? 0
					   : row->longest_request > 0 ? row->longest_request
								      : 10000};
		const struct connection connection = {
			.family = AF_UNIX,
			.state = row->client_left ? TCP_STATE_CLOSE_WAIT : TCP_STATE_ESTABLISHED,
			.inode = 7,
			.rqueue = row->unread,
			.wqueue = row->unread_by_client,
			.has_info = true,
			.last_data_sent_ms = row->quiet,
			.last_data_recv_ms = row->quiet,
			.data_segs_in = row->movements,
			.data_segs_out = row->movements,
		};

		if (connection_judge(&connection, &settings) != row->expected)
			fail_msg("%s: %s", row->name,
				connection_class_name(connection_judge(&connection, &settings)));
	}
}

/* docker pause: neither the application nor lastcall ran for 3 s of what looks like silence. */
static void a_time_in_which_nothing_ran_ends_no_wait(void **state)
{
	const struct class_settings settings = {
		.settle = 200, .longest_request = 10000, .absent_ms = 3000, .absent_until = 60000};
	struct connection connection = {.family = AF_UNIX,
		.state = TCP_STATE_ESTABLISHED,
		.inode = 7,
		.has_info = true,
		.data_segs_in = 5,
		.data_segs_out = 5};
	struct connection_memory memory = {.polled = false};

	(void)state;
	connection.last_data_sent_ms = connection.last_data_recv_ms = 12999;
	assert_int_equal(
		connection_classify(&connection, &memory, &settings, 61000), CONNECTION_UNSURE);
	assert_int_equal(connection_doubt_ends_in(&connection, &memory, &settings), 1);
	connection.last_data_sent_ms = connection.last_data_recv_ms = 13000;
	assert_int_equal(
		connection_classify(&connection, &memory, &settings, 61001), CONNECTION_IDLE);
	connection.last_data_sent_ms = connection.last_data_recv_ms =
		9999; /* it moved after that */
	assert_int_equal(
		connection_classify(&connection, &memory, &settings, 71000), CONNECTION_UNSURE);
	connection.last_data_sent_ms = connection.last_data_recv_ms = 10000;
	assert_int_equal(
		connection_classify(&connection, &memory, &settings, 71001), CONNECTION_IDLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_has_its_verdict),
		cmocka_unit_test(a_time_in_which_nothing_ran_ends_no_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

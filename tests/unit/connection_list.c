/* SPDX-License-Identifier: MIT */
/* Which connections --status names, in which order, and why each is what it is. */
#include "core/status/connection_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>

static struct connection_list list;
static const struct class_settings settings = {.settle = 200, .longest_request = 10000};

static int begin(void **state)
{
	(void)state;
	list = (struct connection_list){.count = 0};
	return 0;
}

static void add(uint16_t port, enum connection_class connection_class, uint32_t quiet_ms)
{
	const struct connection row = {.family = AF_INET,
		.state = TCP_STATE_ESTABLISHED,
		.peer_port = port,
		.inode = 1,
		.has_info = true,
		.last_data_recv_ms = quiet_ms,
		.last_data_sent_ms = quiet_ms};
	const struct connection_memory memory = {.polled = false};

	connection_list_add(&list, &row, connection_class, &memory, &settings);
}

static void what_holds_a_stop_comes_first(void **state)
{
	static const uint16_t expected[] = {2, 4, 6, 5, 3, 1};

	(void)state;
	add(1, CONNECTION_IDLE, 100);
	add(2, CONNECTION_BUSY, 900);
	add(3, CONNECTION_NEW, 900);
	add(4, CONNECTION_UNSURE, 5000);
	add(5, CONNECTION_CLOSING, 10);
	add(6, CONNECTION_RECENT, 10);
	assert_int_equal(list.count, 6);
	for (size_t i = 0; i < list.count; i++)
		assert_int_equal(list.list[i].peer_port, expected[i]);
}

static void of_a_kind_the_longest_quiet_is_kept(void **state)
{
	(void)state;
	for (uint16_t port = 1; port <= CONNECTION_LIST_MAX; port++)
		add(port, CONNECTION_IDLE, 100U * port);
	add(100, CONNECTION_IDLE, 50); /* is the last one of a list that is full */
	add(101, CONNECTION_BUSY, 1);
	assert_int_equal(list.count, CONNECTION_LIST_MAX);
	assert_int_equal(list.list[0].peer_port, 101);
	assert_int_equal(list.list[1].peer_port, CONNECTION_LIST_MAX);
	assert_int_equal(list.list[CONNECTION_LIST_MAX - 1].peer_port, 2);
}

static void each_verdict_has_its_reason(void **state)
{
	static const struct {
		struct listed_connection connection;
		const char *reason;
	} rows[] = {
		{{.connection_class = CONNECTION_BUSY}, "not accepted yet"},
		{{.connection_class = CONNECTION_BUSY, .is_accepted = true, .unread_bytes = 3},
			"request not read yet"},
		{{.connection_class = CONNECTION_BUSY, .is_accepted = true, .undelivered_bytes = 3},
			"answer not delivered yet"},
		{{.connection_class = CONNECTION_BUSY, .is_accepted = true, .quiet_ms = -1},
			"open"},
		{{.connection_class = CONNECTION_BUSY, .is_accepted = true, .quiet_ms = 9},
			"request not answered yet"},
		{{.connection_class = CONNECTION_UNSURE}, "may be in use"},
		{{.connection_class = CONNECTION_RECENT}, "data moved just now"},
		{{.connection_class = CONNECTION_NEW}, "never used"},
		{{.connection_class = CONNECTION_IDLE}, "answered"},
		{{.connection_class = CONNECTION_CLOSING}, "closed, not delivered yet"},
		{{.connection_class = CONNECTION_OTHER}, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(connection_list_reason(&rows[i].connection), rows[i].reason);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_holds_a_stop_comes_first, begin),
		cmocka_unit_test_setup(of_a_kind_the_longest_quiet_is_kept, begin),
		cmocka_unit_test_setup(each_verdict_has_its_reason, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

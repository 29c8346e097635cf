/* SPDX-License-Identifier: MIT */
#include "core/tcp/port_set.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

static void has_what_was_added(void **state)
{
	static const uint16_t ports[] = {0, 1, 63, 64, 8080, 65535, 8080};
	struct port_set set = {0};

	(void)state;
	for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
		port_set_add(&set, ports[i]);
	assert_int_equal(set.count, 6);
	for (unsigned port = 0; port < 65536; port++) {
		bool expected = false;

		for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
			expected |= ports[i] == port;
		assert_int_equal(port_set_has(&set, (uint16_t)port), expected);
	}
}

static void goes_through_its_ports_in_order(void **state)
{
	static const int expected[] = {63, 64, 8080, 65535, -1};
	struct port_set set = {0};
	int port = port_set_next(&set, 0);

	(void)state;
	assert_int_equal(port, -1);
	for (size_t i = 0; expected[i] >= 0; i++)
		port_set_add(&set, (uint16_t)expected[i]);
	port = port_set_next(&set, 0);
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		assert_int_equal(port, expected[i]);
		port = port_set_next(&set, (unsigned)port + 1);
	}
}

static void names_ranges(void **state)
{
	struct port_range ranges[3] = {{0, 0}};
	struct port_set set = {0};

	(void)state;
	assert_int_equal(port_set_ranges(&set, ranges, 3), 0);
	port_set_add_range(&set, (struct port_range){0, 0});
	port_set_add_range(&set, (struct port_range){60, 200});
	port_set_add(&set, 65534);
	port_set_add(&set, 65535);
	assert_int_equal(port_set_ranges(&set, ranges, 3), 3);
	assert_int_equal(ranges[0].first, 0);
	assert_int_equal(ranges[0].last, 0);
	assert_int_equal(ranges[1].first, 60);
	assert_int_equal(ranges[1].last, 200);
	assert_int_equal(ranges[2].first, 65534);
	assert_int_equal(ranges[2].last, 65535);
	ranges[1].last = 7;
	assert_int_equal(port_set_ranges(&set, ranges, 1), 2); /* more than there is room for */
	assert_int_equal(ranges[1].last, 7);
	memset(set.words, 0xFF, sizeof set.words);
	assert_int_equal(port_set_ranges(&set, ranges, 3), 1);
	assert_int_equal(ranges[0].last, 65535);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_what_was_added),
		cmocka_unit_test(goes_through_its_ports_in_order),
		cmocka_unit_test(names_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

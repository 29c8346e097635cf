/* SPDX-License-Identifier: MIT */
#include "core/tcp/peer_range.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bool matches(const char *range_string, const char *peer)
{
	struct connection c = {.family = strchr(peer, ':') != NULL ? AF_INET6 : AF_INET};
	struct peer_range range;

	assert_int_equal(peer_range_parse(range_string, &range), 0);
	assert_int_equal(inet_pton(c.family, peer, c.peer), 1);
	return peer_range_matches(&range, 1, &c);
}

static void ranges_hold_what_they_say(void **state)
{
	(void)state;
	assert_true(matches("10.0.0.0/8", "10.255.1.2"));
	assert_false(matches("10.0.0.0/8", "11.0.0.1"));
	assert_true(matches("10.0.0.0/15", "10.1.255.255"));
	assert_false(matches("10.0.0.0/15", "10.2.0.0"));
	assert_true(matches("192.0.2.7", "192.0.2.7"));
	assert_false(matches("192.0.2.7", "192.0.2.6"));
	assert_true(matches("0.0.0.0/0", "203.0.113.9"));
	assert_true(matches("fd00::/8", "fd12::1"));
	assert_false(matches("fd00::/8", "fe00::1"));
	assert_true(matches("::1", "::1"));
	assert_true(matches("2001:db8::/33", "2001:db8:7fff::1"));
	assert_false(matches("2001:db8::/33", "2001:db8:8000::1"));
}

static void families_meet_only_in_mapped_addresses(void **state)
{
	(void)state;
	assert_true(matches("10.0.0.0/8", "::ffff:10.1.2.3"));
	assert_false(matches("10.0.0.0/8", "::ffff:11.1.2.3"));
	assert_false(matches("0.0.0.0/0", "fd00::1"));
	assert_true(matches("::/0", "::ffff:10.1.2.3"));
	assert_false(matches("::/0", "10.1.2.3"));
}

static void what_is_no_range_is_refused(void **state)
{
	static const char *const strings[] = {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/x",
		"10.0.0.0/8 ", "10.0.0/8", "10.0.0.1/8", "10.2.0.0/14/1", "localhost", "::/129",
		"fd00::1/8", "2001:db8:8000::/32", "10.1.0.0/15", "1:2:3:4:5:6:7:8:9", "10.0.0.0/-1", "10.0.0.0/0008",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb"};
	struct peer_range range;

	(void)state;
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		assert_int_equal(peer_range_parse(strings[i], &range), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_hold_what_they_say),
		cmocka_unit_test(families_meet_only_in_mapped_addresses),
		cmocka_unit_test(what_is_no_range_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

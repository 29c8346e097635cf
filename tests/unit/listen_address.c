/* SPDX-License-Identifier: MIT */
#include "core/tcp/listen_address.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

static void assert_ipv4(const char *string, const char *host, uint16_t port)
{
	struct listen_address address;
	struct sockaddr_in addr;
	struct in_addr expected;

	assert_int_equal(listen_address_parse(string, &address), 0);
	assert_int_equal(address.addr_len, sizeof addr);
	assert_false(address.any);
	memcpy(&addr, &address.addr, sizeof addr);
	assert_int_equal(addr.sin_family, AF_INET);
	assert_int_equal(ntohs(addr.sin_port), port);
	assert_int_equal(inet_pton(AF_INET, host, &expected), 1);
	assert_int_equal(addr.sin_addr.s_addr, expected.s_addr);
}

static void assert_ipv6(const char *string, const char *host, uint16_t port, bool any)
{
	struct listen_address address;
	struct sockaddr_in6 addr;
	struct in6_addr expected;

	assert_int_equal(listen_address_parse(string, &address), 0);
	assert_int_equal(address.addr_len, sizeof addr);
	assert_int_equal(address.any, any);
	memcpy(&addr, &address.addr, sizeof addr);
	assert_int_equal(addr.sin6_family, AF_INET6);
	assert_int_equal(ntohs(addr.sin6_port), port);
	assert_int_equal(inet_pton(AF_INET6, host, &expected), 1);
	assert_memory_equal(&addr.sin6_addr, &expected, sizeof expected);
}

static void numeric_addresses_are_taken(void **state)
{
	(void)state;
	assert_ipv4("127.0.0.1:80", "127.0.0.1", 80);
	assert_ipv4("0.0.0.0:5278", "0.0.0.0", 5278);
	assert_ipv6("[::1]:65535", "::1", 65535, false);
	assert_ipv6("[2001:db8::7]:1", "2001:db8::7", 1, false);
	assert_ipv6("[2001:0db8:1111:2222:3333:4444:5555:6666]:80",
		"2001:db8:1111:2222:3333:4444:5555:6666", 80, false);
	assert_ipv6("[::ffff:10.0.0.1]:80", "::ffff:10.0.0.1", 80, false);
}

static void every_address_has_four_spellings(void **state)
{
	(void)state;
	assert_ipv6("[::]:5278", "::", 5278, true);
	assert_ipv6("[0:0:0:0:0:0:0:0]:5278", "::", 5278, true);
	assert_ipv6("*:5278", "::", 5278, true);
	assert_ipv6(":5278", "::", 5278, true);
}

static void anything_else_is_refused(void **state)
{
	static const char *const strings[] = {
		"",
		":",
		"*",
		"80",
		"5278",
		"127.0.0.1",
		"[::1]",
		"127.0.0.1:",
		"[::]:",
		"*:",
		":0",
		":65536",
		":99999999999999999999",
		":-1",
		":+80",
		": 80",
		":80 ",
		":0x50",
		":http",
		"localhost:80",
		"127.1:80",
		"127.0.0.1.1:80",
		"127.0.0.256:80",
		" 127.0.0.1:80",
		"::1:80",
		":::80",
		"::80",
		"[::1:80",
		"::1]:80",
		"[]:80",
		"[:80",
		"]:80",
		"[[::1]]:80",
		"[127.0.0.1]:80",
		"[fe80::1%eth0]:80",
		"[::1]x:80",
		"x[::1]:80",
		"**:80",
		"[1111:2222:3333:4444:5555:6666:7777:8888:9999:1111]:80",
		"http://127.0.0.1:80",
		"127.0.0.1:80/healthcheck",
	};
	struct listen_address address = {.addr_len = 4711};

	(void)state;
	for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
		if (listen_address_parse(strings[i], &address) != -EINVAL)
			fail_msg("taken: '%s'", strings[i]);
	}
	assert_int_equal(address.addr_len, 4711);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numeric_addresses_are_taken),
		cmocka_unit_test(every_address_has_four_spellings),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

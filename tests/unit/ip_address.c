/* SPDX-License-Identifier: MIT */
#include "core/tcp/ip_address.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What the C library makes of it, as one that has to be the whole string. */
static int expected_family(const char *string, uint8_t ret_addr[static IP_ADDRESS_BYTES])
{
	if (inet_pton(AF_INET, string, ret_addr) == 1)
		return AF_INET;
	return inet_pton(AF_INET6, string, ret_addr) == 1 ? AF_INET6 : -EINVAL;
}

static int whole_family(const char *string, uint8_t ret_addr[static IP_ADDRESS_BYTES])
{
	int family = ip_address_take(&string, ret_addr);

	return family > 0 && *string == '\0' ? family : -EINVAL;
}

static void assert_as_inet_pton(const char *string)
{
	uint8_t expected[IP_ADDRESS_BYTES] = {0}, addr[IP_ADDRESS_BYTES] = {0};
	int family = expected_family(string, expected);

	if (whole_family(string, addr) != family)
		fail_msg("'%s' is %s", string, family > 0 ? "refused" : "taken");
	if (family > 0 && memcmp(addr, expected, family == AF_INET ? 4 : sizeof addr) != 0)
		fail_msg("'%s' is taken for another", string);
}

static void addresses_are_what_inet_pton_takes_them_for(void **state)
{
	static const char *const strings[] = {"127.0.0.1", "0.0.0.0", "255.255.255.255",
		"256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.04", "1.2.3.", "1..2.3", "",
		".", "::", ":", ":::", "::1", "1::", "1:", ":1", "1::2", "1:::2", "1::2::3",
		"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
		"1:2:3:4:5:6:7::", "::1:2:3:4:5:6:7", "::1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:8::", "1:2:3:4::5:6:7:8", "fd00::ABCD", "12345::", "0001::0002",
		"g::", "::g", "::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4",
		"1::2:3:4:5:6:1.2.3.4", "::1.2.3", "::1.2.3.4:5", "1.2.3.4::", "::1.2.3.256",
		"::01.2.3.4", "1.2.3.4:5", "::ffff:10.0.0.7", "::%1", " ::1", "::1 "};

	(void)state;
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		assert_as_inet_pton(strings[i]);
}

/* Pieces of addresses, put together at random: nearly right ones, as a rule. */
static void whatever_it_is_made_of(void **state)
{
	static const char *const pieces[] = {":", ":", ":", "::", ".", ".", "0", "1", "7f", "255",
		"256", "ABCD", "12345", "1.2.3.4", "0:0", "g"};
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		char string[128] = "";
		int count = rand_r(&seed) % 16;

		for (int piece = 0; piece < count; piece++)
			strcat(string,
				pieces[(size_t)rand_r(&seed) % (sizeof pieces / sizeof *pieces)]);
		assert_as_inet_pton(string);
	}
}

static void what_follows_is_left(void **state)
{
	static const char *const strings[] = {
		"127.0.0.1:80", "127.0.0.1/8", "::1]:80", "fd00::/8", "1:2:3:4:5:6:7:8]"};
	static const char *const left[] = {":80", "/8", "]:80", "/8", "]"};

	(void)state;
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
		const char *at = strings[i];
		uint8_t addr[IP_ADDRESS_BYTES];

		assert_true(ip_address_take(&at, addr) > 0);
		assert_string_equal(at, left[i]);
	}
}

static void mapped_addresses_are_known_by_their_prefix(void **state)
{
	static const uint8_t v4[4] = {10, 0, 0, 7};
	static const uint8_t others[][IP_ADDRESS_BYTES] = {
		{[10] = 0xFF, 0xFE, 10, 0, 0, 7},
		{[0] = 1, [10] = 0xFF, 0xFF, 10, 0, 0, 7},
		{0},
	};
	uint8_t addr[IP_ADDRESS_BYTES], expected[IP_ADDRESS_BYTES];

	(void)state;
	ip_address_map(v4, addr);
	assert_int_equal(inet_pton(AF_INET6, "::ffff:10.0.0.7", expected), 1);
	assert_memory_equal(addr, expected, sizeof addr);
	assert_memory_equal(addr + IP_ADDRESS_MAPPED_AT, v4, sizeof v4);
	assert_true(ip_address_is_mapped(addr));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_false(ip_address_is_mapped(others[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_what_inet_pton_takes_them_for),
		cmocka_unit_test(whatever_it_is_made_of),
		cmocka_unit_test(what_follows_is_left),
		cmocka_unit_test(mapped_addresses_are_known_by_their_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

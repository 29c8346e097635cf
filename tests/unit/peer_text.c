/* SPDX-License-Identifier: MIT */
#include "core/tcp/peer_text.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const char *written(uint8_t family, const uint8_t addr[static 16])
{
	static char bytes[PEER_TEXT_BYTES];
	struct text text;

	text_init(&text, bytes, sizeof bytes);
	peer_text_add(&text, family, addr, 41234);
	assert_false(text.truncated);
	return bytes;
}

static void ipv4_is_four_numbers(void **state)
{
	(void)state;
	assert_string_equal(written(AF_INET, (uint8_t[16]){10, 0, 255, 7}), "10.0.255.7:41234");
}

static void ipv4_client_of_an_ipv6_socket_is_ipv4(void **state)
{
	uint8_t addr[16] = {[10] = 0xFF, 0xFF, 10, 0, 0, 7};

	(void)state;
	assert_string_equal(written(AF_INET6, addr), "10.0.0.7:41234");
}

/* Which groups of an address are zero decides its form: all 256 ways, against the C library's. */
static void ipv6_is_as_the_c_library_writes_it(void **state)
{
	static const uint8_t low[8] = {0x01, 0x10, 0x00, 0xff, 0x0a, 0xa0, 0x07, 0x70};

	(void)state;
	for (unsigned zeros = 0; zeros < 256; zeros++) {
		char host[INET6_ADDRSTRLEN], wanted[PEER_TEXT_BYTES];
		uint8_t addr[16] = {0};

		for (size_t i = 0; i < 8; i++) {
			if ((zeros >> i & 1) != 0)
				continue;
			addr[2 * i] = (uint8_t)(i * 0x11 & 0x3f);
			addr[2 * i + 1] = low[i] != 0 ? low[i] : 1;
		}
		/* ::a.b.c.d is what it makes of a form that RFC 4291 gave up */
		if ((zeros & 0x3f) == 0x3f && (zeros & 0xc0) != 0xc0)
			continue;
		assert_non_null(inet_ntop(AF_INET6, addr, host, sizeof host));
		(void)snprintf(wanted, sizeof wanted, "[%s]:41234", host);
		assert_string_equal(written(AF_INET6, addr), wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_is_four_numbers),
		cmocka_unit_test(ipv4_client_of_an_ipv6_socket_is_ipv4),
		cmocka_unit_test(ipv6_is_as_the_c_library_writes_it),
	};

	return cmocka_run_group_tests_name("peer_text", tests, NULL, NULL);
}

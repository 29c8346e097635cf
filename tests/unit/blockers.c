/* SPDX-License-Identifier: MIT */
#include "core/tcp/blockers.h"
#include "core/tcp/peer_text.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void hold(struct blockers *blockers, int32_t held_ms, int32_t age_ms)
{
	blockers_add(blockers, &(struct blocker){.held_ms = held_ms, .age_ms = age_ms});
}

static void the_longest_are_kept_in_order(void **state)
{
	static const int32_t expected[BLOCKERS_MAX] = {90, 80, 70, 70, 60};
	struct blockers blockers = {.count = 0};

	(void)state;
	hold(&blockers, 70, 1);
	hold(&blockers, 10, 0);
	hold(&blockers, 90, 0);
	hold(&blockers, 60, 0);
	hold(&blockers, 80, 0);
	hold(&blockers, 70, 5); /* as long, but at it for longer */
	hold(&blockers, 5, 0);
	assert_int_equal(blockers.count, BLOCKERS_MAX);
	for (size_t i = 0; i < BLOCKERS_MAX; i++)
		assert_int_equal(blockers.list[i].held_ms, expected[i]);
	assert_int_equal(blockers.list[2].age_ms, 5);
}

static void peers_are_written_as_people_read_them(void **state)
{
	static const struct {
		const char *address, *expected;
	} cases[] = {
		{"10.0.0.7", "10.0.0.7:41234"},
		{"fd00::1", "[fd00::1]:41234"},
		{"::ffff:10.0.0.7", "10.0.0.7:41234"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t family = cases[i].address[0] == '1' ? AF_INET : AF_INET6, addr[16] = {0};
		char bytes[PEER_TEXT_BYTES];
		struct text text;

		text_init(&text, bytes, sizeof bytes);
		assert_int_equal(inet_pton(family, cases[i].address, addr), 1);
		peer_text_add(&text, family, addr, 41234);
		assert_string_equal(bytes, cases[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_are_kept_in_order),
		cmocka_unit_test(peers_are_written_as_people_read_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

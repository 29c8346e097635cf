/* SPDX-License-Identifier: MIT */
/* Lines as Linux 6.18 printed them, each ending at a page that cannot be read. */
#include "core/codec/procnet_codec.h"

#include "skip.h"
#include "unit/guard_page.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static const char heading[] =
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt"
	"   uid  timeout inode";
static const char listener[] =
	"   0: 00000000:1F90 00000000:0000 0A 00000000:00000005 00:00000000 00000000"
	"     0        0 1472 1 000000004beed8cb 100 0 0 10 0";
static const char established[] =
	"  12: 0100007F:1F90 0700000A:9C41 01 002AC700:00000032 01:00000014 00000003"
	" 65534        0 28234 2 00000000b2f7b2f7 20 4 30 10 -1";
static const char time_wait[] =
	"   1: 020200C0:937A 507100CB:0050 06 00000000:00000000 03:000005AC 00000000"
	"     0        0 0 3 000000004a9152f8";
static const char mapped[] =
	"   3: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000700000A:9C41"
	" 08 00000001:00000000 00:00000000 00000000"
	"  1000        0 4294967295 1 000000001afd5d2a 20 4 0 10 -1";

static int decode(const char *line, size_t len, uint8_t family, struct connection *ret_row)
{
	return procnet_decode_line(guard_page_copy(line, len), len, family, ret_row);
}

static struct connection decode_good(const char *line, uint8_t family)
{
	struct connection row;

	assert_int_equal(decode(line, strlen(line), family, &row), 0);
	return row;
}

/* The lines above are of a little-endian machine. */
static void skip_on_other_machines(void)
{
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		skip_test("the bytes are those of a little-endian machine");
}

static void connection_is_decoded_field_by_field(void **state)
{
	static const uint8_t peer[16] = {10, 0, 0, 7};
	struct connection row = decode_good(established, AF_INET);

	(void)state;
	skip_on_other_machines();
	assert_int_equal(row.family, AF_INET);
	assert_int_equal(row.state, TCP_STATE_ESTABLISHED);
	assert_int_equal(row.local_port, 8080);
	assert_int_equal(row.peer_port, 40001);
	assert_memory_equal(row.peer, peer, sizeof peer);
	assert_int_equal(row.wqueue, 2803456);
	assert_int_equal(row.rqueue, 50);
	assert_int_equal(row.inode, 28234);
	assert_false(row.has_info);
}

static void v4_client_of_ipv6_socket_stays_mapped(void **state)
{
	static const uint8_t peer[16] = {[10] = 0xff, 0xff, 10, 0, 0, 7};
	struct connection row = decode_good(mapped, AF_INET6);

	(void)state;
	skip_on_other_machines();
	assert_int_equal(row.family, AF_INET6);
	assert_int_equal(row.state, TCP_STATE_CLOSE_WAIT);
	assert_memory_equal(row.peer, peer, sizeof peer);
	assert_int_equal(row.local_port, 8080);
	assert_int_equal(row.peer_port, 40001);
	assert_int_equal(row.wqueue, 1);
	assert_int_equal(row.inode, UINT32_MAX);
}

static void listener_shows_its_accept_queue(void **state)
{
	struct connection row = decode_good(listener, AF_INET);

	(void)state;
	assert_int_equal(row.state, TCP_STATE_LISTEN);
	assert_int_equal(row.rqueue, 5);
	assert_int_equal(row.wqueue, 0);
	assert_int_equal(row.inode, 1472);
}

static void time_wait_has_no_owner(void **state)
{
	struct connection row = decode_good(time_wait, AF_INET);

	(void)state;
	assert_int_equal(row.state, TCP_STATE_TIME_WAIT);
	assert_int_equal(row.inode, 0);
}

static uint64_t cookie_of(const char *peer, const char *state, int inode)
{
	char line[256];

	snprintf(line, sizeof line, "1: 0100007F:1F90 %s %s 00000000:00000000 0:0 0 0 0 %d 1", peer,
		state, inode);
	return decode_good(line, AF_INET).cookie;
}

/* A connection gets its inode when it is accepted and loses it when its process closes it. */
static void cookie_of_a_connection_survives_accept_and_close(void **state)
{
	static const char peer[] = "0700000A:9C41";
	uint64_t waiting = cookie_of(peer, "01", 0);

	(void)state;
	assert_int_not_equal(waiting, 0);
	assert_int_equal(cookie_of(peer, "01", 777), waiting);
	assert_int_equal(cookie_of(peer, "04", 0), waiting);
}

/* SO_REUSEPORT. */
static void listeners_of_one_address_have_cookies_of_their_own(void **state)
{
	static const char nobody[] = "00000000:0000";

	(void)state;
	assert_int_not_equal(cookie_of(nobody, "0A", 777), cookie_of(nobody, "0A", 778));
	assert_int_equal(cookie_of(nobody, "0A", 777), cookie_of(nobody, "0A", 777));
}

static void cookies_of_different_address_pairs_differ(void **state)
{
	static const char *const lines[] = {
		"1: 0100007F:1F90 0700000A:9C41 01 00000000:00000000 0:0 0 0 0 1 1",
		"1: 0200007F:1F90 0700000A:9C41 01 00000000:00000000 0:0 0 0 0 1 1",
		"1: 0100007F:1F91 0700000A:9C41 01 00000000:00000000 0:0 0 0 0 1 1",
		"1: 0100007F:1F90 0700000B:9C41 01 00000000:00000000 0:0 0 0 0 1 1",
		"1: 0100007F:1F90 0700000A:9C42 01 00000000:00000000 0:0 0 0 0 1 1",
		"1: 0700000A:9C41 0100007F:1F90 01 00000000:00000000 0:0 0 0 0 1 1",
	};
	const size_t count = sizeof lines / sizeof lines[0];

	(void)state;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(decode_good(lines[i], AF_INET).cookie,
				decode_good(lines[j], AF_INET).cookie);
	}
}

static void heading_is_no_socket(void **state)
{
	struct connection row;

	(void)state;
	assert_int_equal(decode(heading, strlen(heading), AF_INET, &row), -EINVAL);
	assert_int_equal(decode(heading, strlen(heading), AF_INET6, &row), -EINVAL);
}

static void expect_cut_line_to_be_refused(const char *line, const char *after_inode, uint8_t family)
{
	size_t least = (size_t)(strstr(line, after_inode) - line) + 1;
	struct connection row;

	for (size_t len = 0; len < least; len++)
		assert_int_equal(decode(line, len, family, &row), -EINVAL);
	for (size_t len = least; len <= strlen(line); len++)
		assert_int_equal(decode(line, len, family, &row), 0);
}

/* An inode cut in its middle would be another socket's. */
static void line_cut_at_any_byte_up_to_the_end_of_its_inode_is_refused(void **state)
{
	(void)state;
	expect_cut_line_to_be_refused(listener, " 1 000000004beed8cb", AF_INET);
	expect_cut_line_to_be_refused(established, " 2 00000000b2f7b2f7", AF_INET);
	expect_cut_line_to_be_refused(mapped, " 1 000000001afd5d2a", AF_INET6);
}

static void line_of_the_other_family_is_refused(void **state)
{
	struct connection row;

	(void)state;
	assert_int_equal(decode(established, strlen(established), AF_INET6, &row), -EINVAL);
	assert_int_equal(decode(mapped, strlen(mapped), AF_INET, &row), -EINVAL);
}

static void nonsense_is_refused(void **state)
{
	static const char *const lines[] = {
		"1: 0100007F:1F90 0700000A:9C41 00 00000000:00000000 0:0 0 0 0 1 1", /* no state */
		"1: 0100007F:1F90 0700000A:9C41 0D 00000000:00000000 0:0 0 0 0 1 1",
		"1: 0100007F:1F90 0700000A:9C41 0G 00000000:00000000 0:0 0 0 0 1 1",
		"1: 0100007F 1F90 0700000A:9C41 01 00000000:00000000 0:0 0 0 0 1 1",
		"1: 0100007F:1F90 0700000A:9C41 01 00000000 00000000 0:0 0 0 0 1 1",
		"1: 0100007F:1F90 0700000A:9C41 01 00000000:00000000 0:0 0 0 0 - 1",
		"1: 0100007F:1F90 0700000A:9C41 01 00000000:00000000 0:0 0 0 0 4294967296 1",
		"1: 0100007F:1F90 0700000A:9C41 01 00000000:00000000 0:0 0 0 0 99999999999999 1",
		"1: 0100007F:1F90 0700000A:9C41 01 00000000:00000000 0:0 0 0 0 12x 1",
		"                                                                      ",
		"::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::::",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct connection row, before;

		memset(&row, 0x5A, sizeof row);
		before = row;
		assert_int_equal(decode(lines[i], strlen(lines[i]), AF_INET, &row), -EINVAL);
		assert_memory_equal(&row, &before, sizeof row);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connection_is_decoded_field_by_field),
		cmocka_unit_test(v4_client_of_ipv6_socket_stays_mapped),
		cmocka_unit_test(listener_shows_its_accept_queue),
		cmocka_unit_test(time_wait_has_no_owner),
		cmocka_unit_test(cookie_of_a_connection_survives_accept_and_close),
		cmocka_unit_test(listeners_of_one_address_have_cookies_of_their_own),
		cmocka_unit_test(cookies_of_different_address_pairs_differ),
		cmocka_unit_test(heading_is_no_socket),
		cmocka_unit_test(line_cut_at_any_byte_up_to_the_end_of_its_inode_is_refused),
		cmocka_unit_test(line_of_the_other_family_is_refused),
		cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

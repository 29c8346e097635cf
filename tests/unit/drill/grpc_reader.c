/* SPDX-License-Identifier: MIT */
/* gRPC's messages, however they are cut, and its statuses. */
#include "drill/core/grpc_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char two[] = "\0\0\0\0\3abc\1\0\0\0\0";

static void messages_are_counted_however_they_are_cut(void **state)
{
	(void)state;
	for (size_t piece = 1; piece <= sizeof two - 1; piece++) {
		struct grpc_reader reader;

		grpc_reader_start(&reader);
		assert_true(grpc_reader_is_whole(&reader));
		for (size_t at = 0; at < sizeof two - 1; at += piece) {
			size_t left = sizeof two - 1 - at;

			assert_true(
				grpc_reader_take(&reader, two + at, left < piece ? left : piece));
		}
		assert_int_equal(reader.messages, 2);
		assert_true(grpc_reader_is_whole(&reader));
	}
}

static void a_part_of_a_message_is_none(void **state)
{
	(void)state;
	for (size_t len = 1; len < 8; len++) {
		struct grpc_reader reader;

		grpc_reader_start(&reader);
		assert_true(grpc_reader_take(&reader, two, len));
		assert_false(grpc_reader_is_whole(&reader));
		assert_int_equal(reader.messages, 0);
	}
}

static void other_bytes_are_no_message(void **state)
{
	struct grpc_reader reader;

	(void)state;
	grpc_reader_start(&reader);
	assert_false(grpc_reader_take(&reader, "<html>", 6));
}

static void a_prefix_is_read_as_it_is_written(void **state)
{
	struct grpc_reader reader;
	char prefix[GRPC_PREFIX_BYTES];

	(void)state;
	grpc_write_prefix(prefix, 0x01020304);
	grpc_reader_start(&reader);
	assert_true(grpc_reader_take(&reader, prefix, sizeof prefix));
	assert_int_equal(reader.left, 0x01020304);
}

static void statuses_stand_for_those_of_http(void **state)
{
	(void)state;
	assert_int_equal(grpc_status_parse("0", 1), 0);
	assert_int_equal(grpc_status_parse("14", 2), GRPC_UNAVAILABLE);
	assert_int_equal(grpc_status_parse("", 0), -1);
	assert_int_equal(grpc_status_parse("-1", 2), -1);
	assert_int_equal(grpc_status_http(0), 200);
	assert_int_equal(grpc_status_http(1), 499);
	assert_int_equal(grpc_status_http(5), 404);
	assert_int_equal(grpc_status_http(12), 501);
	assert_int_equal(grpc_status_http(13), 500);
	assert_int_equal(grpc_status_http(GRPC_UNAVAILABLE), 503);
	assert_int_equal(grpc_status_http(16), 401);
	assert_int_equal(grpc_status_http(17), 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_counted_however_they_are_cut),
		cmocka_unit_test(a_part_of_a_message_is_none),
		cmocka_unit_test(other_bytes_are_no_message),
		cmocka_unit_test(a_prefix_is_read_as_it_is_written),
		cmocka_unit_test(statuses_stand_for_those_of_http),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* A WebSocket server's frames, however they are cut. */
#include "drill/core/websocket_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) (text), sizeof(text) - 1

struct frames {
	const char *bytes;
	size_t len;
	enum websocket_event last;
	int close_code;
};

static const struct frames cases[] = {
	{BYTES("\x81\x05hello"), WEBSOCKET_MESSAGE, WEBSOCKET_NO_CODE},
	{BYTES("\x82\x00"), WEBSOCKET_MESSAGE, WEBSOCKET_NO_CODE},
	{BYTES("\x01\x02he\x80\x03llo"), WEBSOCKET_MESSAGE, WEBSOCKET_NO_CODE},
	{BYTES("\x01\x02he\x89\x01x\x80\x03llo"), WEBSOCKET_MESSAGE, WEBSOCKET_NO_CODE},
	{BYTES("\x89\x02hi"), WEBSOCKET_PINGED, WEBSOCKET_NO_CODE},
	{BYTES("\x8a\x00"), WEBSOCKET_PONGED, WEBSOCKET_NO_CODE},
	{BYTES("\x88\x00"), WEBSOCKET_CLOSED, WEBSOCKET_NO_CODE},
	{BYTES("\x88\x02\x03\xe8"), WEBSOCKET_CLOSED, 1000},
	{BYTES("\x88\x05\x03\xf3"
	       "bye"),
		WEBSOCKET_CLOSED, 1011},
	/* what breaks the rules */
	{BYTES("\x88\x01\x03"), WEBSOCKET_BAD, WEBSOCKET_NO_CODE},
	{BYTES("\x88\x02\x03\xed"), WEBSOCKET_BAD, 1005},
	{BYTES("\x81\x85mask"), WEBSOCKET_BAD, WEBSOCKET_NO_CODE},
	{BYTES("\xc1\x00"), WEBSOCKET_BAD, WEBSOCKET_NO_CODE},
	{BYTES("\x83\x00"), WEBSOCKET_BAD, WEBSOCKET_NO_CODE},
	{BYTES("\x80\x00"), WEBSOCKET_BAD, WEBSOCKET_NO_CODE},
	{BYTES("\x01\x00\x81\x00"), WEBSOCKET_BAD, WEBSOCKET_NO_CODE},
	{BYTES("\x09\x00"), WEBSOCKET_BAD, WEBSOCKET_NO_CODE},
	{BYTES("\x89\x7e\x00\x7e"), WEBSOCKET_BAD, WEBSOCKET_NO_CODE},
	{BYTES("\x81\x7e\x00\x05"), WEBSOCKET_BAD, WEBSOCKET_NO_CODE},
	{BYTES("\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00"), WEBSOCKET_BAD, WEBSOCKET_NO_CODE},
	/* half of one */
	{BYTES("\x81\x05hel"), WEBSOCKET_MORE, WEBSOCKET_NO_CODE},
	{BYTES("\x01\x02he"), WEBSOCKET_MORE, WEBSOCKET_NO_CODE},
};

static void frames_are_read_however_they_are_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (size_t piece = 1; piece <= cases[i].len; piece++) {
			enum websocket_event event = WEBSOCKET_MORE;
			struct websocket_reader reader;
			size_t at = 0;

			websocket_reader_start(&reader);
			while (at < cases[i].len && event != WEBSOCKET_BAD) {
				size_t left = cases[i].len - at;

				at += websocket_reader_take(&reader,
					(const unsigned char *)cases[i].bytes + at,
					left < piece ? left : piece, &event);
			}
			assert_int_equal(event, cases[i].last);
			assert_int_equal(reader.close_code, cases[i].close_code);
		}
	}
}

static void bytes_of_messages_are_counted(void **state)
{
	static const char bytes[] = "\x81\x05hello\x89\x03"
				    "abc\x01\x02he\x80\x01l";
	struct websocket_reader reader;
	size_t at = 0;

	(void)state;
	websocket_reader_start(&reader);
	while (at < sizeof bytes - 1) {
		enum websocket_event event;

		at += websocket_reader_take(
			&reader, (const unsigned char *)bytes + at, sizeof bytes - 1 - at, &event);
	}
	assert_int_equal(reader.message_bytes, 8);
}

static void a_clients_frame_is_masked(void **state)
{
	static const unsigned char mask[] = {0x37, 0xfa, 0x21, 0x3d};
	static const unsigned char expected[] = {0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f,
		0x4d, 0x51, 0x58}; /* RFC 6455 5.7 */
	unsigned char frame[WEBSOCKET_FRAME_BYTES];

	(void)state;
	assert_int_equal(
		websocket_write_frame(frame, WEBSOCKET_TEXT, "Hello", 5, mask), sizeof expected);
	assert_memory_equal(frame, expected, sizeof expected);
}

static void three_codes_are_fine(void **state)
{
	(void)state;
	for (int code = 1000; code < 5000; code++)
		assert_int_equal(
			websocket_code_is_fine(code), code == 1000 || code == 1001 || code == 1012);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_read_however_they_are_cut),
		cmocka_unit_test(bytes_of_messages_are_counted),
		cmocka_unit_test(a_clients_frame_is_masked),
		cmocka_unit_test(three_codes_are_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

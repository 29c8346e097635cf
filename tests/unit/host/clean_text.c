/* SPDX-License-Identifier: MIT */
#include "host/core/clean_text.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#define GONE "\xEF\xBF\xBD"

static void what_no_output_can_carry_is_replaced(void **state)
{
	static const struct {
		const char *raw, *clean;
	} texts[] = {
		{"container shop", "container shop"},
		{"caf\xC3\xA9 \xF0\x9F\x8D\xBA", "caf\xC3\xA9 \xF0\x9F\x8D\xBA"},
		{"a\nb\r\tc", "a b  c"},
		{"\x1b[2J\x07\x7F", GONE "[2J" GONE GONE},
		{"\xC2\x9B"
		 "31m",
			GONE "31m"}, /* CSI in one character */
		{"\xFF\xC3", GONE GONE},
		{"\xED\xA0\x80", GONE GONE GONE}, /* a surrogate */
		{"\xEF\xBF\xBE\xEF\xBF\xBF", GONE GONE}, /* no characters: no XML may have them */
		{"\xEF\xBF\xBD", GONE},
	};
	char clean[64];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_string_equal(clean_text(clean, sizeof(clean), texts[i].raw), texts[i].clean);
}

static void what_does_not_fit_is_left_out_whole(void **state)
{
	char clean[6];

	(void)state;
	assert_string_equal(clean_text(clean, sizeof(clean), "abcdefgh"), "abcde");
	assert_string_equal(clean_text(clean, sizeof(clean), "abcd\xC3\xA9"), "abcd");
	assert_string_equal(clean_text(clean, sizeof(clean), "abc\xC3\xA9"), "abc\xC3\xA9");
	assert_string_equal(clean_text(clean, sizeof(clean), "abcd\x01"), "abcd");
}

static void what_was_cut_ends_with_an_ellipsis_behind_a_whole_character(void **state)
{
	char bytes[8];
	struct text text;

	(void)state;
	text_init(&text, bytes, sizeof(bytes));
	text_add(&text, "abcdefg");
	text_mark_cut(&text);
	assert_string_equal(bytes, "abcdefg");
	text_add(&text, "h");
	text_mark_cut(&text);
	assert_string_equal(bytes, "abcd\xE2\x80\xA6");
	text_init(&text, bytes, sizeof(bytes));
	text_add(&text, "abc\xC3\xA9"
			"def");
	text_mark_cut(&text);
	assert_string_equal(bytes, "abc\xE2\x80\xA6");
}

static void any_text_fits_the_bytes_that_are_named(void **state)
{
	char raw[33], clean[CLEAN_TEXT_BYTES(32)];

	(void)state;
	memset(raw, 0xFF, 32);
	raw[32] = '\0';
	assert_int_equal(strlen(clean_text(clean, sizeof(clean), raw)), 96);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_no_output_can_carry_is_replaced),
		cmocka_unit_test(what_does_not_fit_is_left_out_whole),
		cmocka_unit_test(what_was_cut_ends_with_an_ellipsis_behind_a_whole_character),
		cmocka_unit_test(any_text_fits_the_bytes_that_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

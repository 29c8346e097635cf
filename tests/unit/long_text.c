/* SPDX-License-Identifier: MIT */
#include "texts/long_texts.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

static void assert_unpacks(enum long_text id, const char *expected)
{
	char bytes[4096];
	struct text text;

	text_init(&text, bytes, sizeof bytes);
	long_text_add(&text, id);
	assert_string_equal(bytes, expected);
	assert_false(text.truncated);
}

static void test_pages_are_unpacked_as_they_were_written(void **state)
{
	(void)state;
	for (int id = 0; id < TEXT_OPTIONS; id++)
		assert_unpacks((enum long_text)id, long_texts[id]);
}

static void test_texts_of_options_are_unpacked_as_they_were_written(void **state)
{
	(void)state;
	for (int id = 0; id < OPTION_COUNT; id++) {
		for (int what = 0; what < TEXTS_OF_OPTION; what++) {
			const char *written = long_texts_of_options[id][what];

			assert_unpacks(
				long_text_of_option((enum option_id)id, (enum text_of_option)what),
				written);
			assert_true(strlen(written) < LONG_TEXT_BYTES);
		}
	}
}

static void test_a_text_is_cut_where_there_is_no_room(void **state)
{
	char bytes[8];
	struct text text;

	(void)state;
	text_init(&text, bytes, sizeof bytes);
	long_text_add(&text, TEXT_HELP_BEGIN);
	assert_string_equal(bytes, "Usage: ");
	assert_true(text.truncated);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_are_unpacked_as_they_were_written),
		cmocka_unit_test(test_texts_of_options_are_unpacked_as_they_were_written),
		cmocka_unit_test(test_a_text_is_cut_where_there_is_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

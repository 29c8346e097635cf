/* SPDX-License-Identifier: MIT */
#include "texts/long_texts.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static void test_pages_are_unpacked_as_they_were_written(void **state)
{
	(void)state;
	for (int id = 0; id < TEXT_OPTIONS; id++)
		assert_string_equal(long_text((enum long_text)id), long_texts[id]);
}

static void test_texts_of_options_are_unpacked_as_they_were_written(void **state)
{
	(void)state;
	for (int id = 0; id < OPTION_COUNT; id++) {
		for (int what = 0; what < TEXTS_OF_OPTION; what++)
			assert_string_equal(long_text(long_text_of_option(
						    (enum option_id)id, (enum text_of_option)what)),
				option_texts[id].texts[what]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_are_unpacked_as_they_were_written),
		cmocka_unit_test(test_texts_of_options_are_unpacked_as_they_were_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The static program's strerror against that of glibc, which is to say the same of what it knows. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

char *short_strerror(int number);

static void words_are_those_of_the_c_library(void **state)
{
	int known = 0;

	(void)state;
	for (int number = 1; number < 134; number++) {
		char unknown[32];

		(void)snprintf(unknown, sizeof unknown, "Unknown error %d", number);
		if (strcmp(short_strerror(number), unknown) == 0)
			continue;
		assert_string_equal(short_strerror(number), strerror(number));
		known++;
	}
	assert_true(known > 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_those_of_the_c_library),
	};

	return cmocka_run_group_tests_name("strerror", tests, NULL, NULL);
}

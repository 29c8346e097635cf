/* SPDX-License-Identifier: MIT */
#include "plan/core/command_words.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* `docker stack config` of docker 28.2.2 splits each of them so. */
static void a_string_is_split_as_in_a_shell(void **state)
{
	static const struct {
		const char *string;
		int count;
		const char *words[5];
	} cases[] = {
		{"", 0, {0}},
		{"  \t", 0, {0}},
		{"node a.js", 2, {"node", "a.js"}},
		{"sh -c \"node a.js\"", 3, {"sh", "-c", "node a.js"}},
		{"sh -c 'exec a b' x", 4, {"sh", "-c", "exec a b", "x"}},
		{"a\\ b c", 2, {"a b", "c"}},
		{"a  \"b\\\"c\" d", 3, {"a", "b\"c", "d"}},
		{"a\"\"b \"\" c", 3, {"ab", "", "c"}},
		{"a|b; c", 2, {"a|b;", "c"}},
		{"'a\\b'", 1, {"a\\b"}},
		{"\"a\\nb\"", 1, {"a\\nb"}},
		{"a\nb", 2, {"a", "b"}},
	};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *word = buf;

		assert_int_equal(
			command_words_split(cases[i].string, buf, sizeof buf), cases[i].count);
		for (int n = 0; n < cases[i].count; n++, word += strlen(word) + 1)
			assert_string_equal(word, cases[i].words[n]);
	}
}

static void an_open_quote_is_refused(void **state)
{
	char buf[64];

	(void)state;
	assert_int_equal(command_words_split("a 'b", buf, sizeof buf), -EINVAL);
	assert_int_equal(command_words_split("\"a \\\"b", buf, sizeof buf), -EINVAL);
}

static void what_does_not_fit_is_refused(void **state)
{
	char buf[4];

	(void)state;
	assert_int_equal(command_words_split("abc", buf, sizeof buf), 1);
	assert_int_equal(command_words_split("abcd", buf, sizeof buf), -E2BIG);
	assert_int_equal(command_words_split("a bc", buf, sizeof buf), -E2BIG);
	assert_int_equal(command_words_split("\"\" \"\" \"\" \"\" \"\"", buf, sizeof buf), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_string_is_split_as_in_a_shell),
		cmocka_unit_test(an_open_quote_is_refused),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

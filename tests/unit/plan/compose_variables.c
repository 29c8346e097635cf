/* SPDX-License-Identifier: MIT */
#include "plan/core/compose_variables.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define REFUSED NULL
#define UNKNOWN "?"

static void replace_and_compare(
	const char *string, enum compose_program program, const char *expected)
{
	struct compose_variables variables;
	struct text text;
	char buf[128];
	int r;

	text_init(&text, buf, sizeof buf);
	r = compose_variables_replace(string, program, &text, &variables);
	if (expected == REFUSED) {
		assert_int_equal(r, -EINVAL);
		return;
	}
	if (r < 0)
		fail_msg("'%s' is refused", string);
	assert_int_equal(variables.is_known, strcmp(expected, UNKNOWN) != 0);
	if (variables.is_known)
		assert_string_equal(buf, expected);
}

static void a_default_stands_for_its_variable(void **state)
{
	static const struct {
		const char *string, *up, *stack;
	} cases[] = {
		{"plain", "plain", "plain"},
		{"", "", ""},
		{"$$A", "$A", "$A"},
		{"$A", UNKNOWN, UNKNOWN},
		{"${A}s", UNKNOWN, UNKNOWN},
		{"${A:-45s}", "45s", "45s"},
		{"${A-45s}", "45s", "45s"},
		{"x${A:-}y", "xy", "xy"},
		{"${A:-1}${B:-2}", "12", "12"},
		{"${A:?no A}", UNKNOWN, UNKNOWN},
		{"${A?}", UNKNOWN, UNKNOWN},
		{"${A:+z}", UNKNOWN, UNKNOWN},
		{"${A+z}", UNKNOWN, UNKNOWN},
		{"${A:-${B:-x}}y", "xy", "${B:-x}y"},
		{"${A:-${B}}", UNKNOWN, "${B}"},
		{"${A:-$B}", UNKNOWN, "$B"},
		{"${A:-b$$c}", "b$c", "b$$c"},
		{"${A:-a}b}", "ab}", "ab}"},
		{"$_a9.", UNKNOWN, UNKNOWN},
		{"$$$$", "$$", "$$"},
		{"$1", "$1", REFUSED},
		{"a$", "a$", REFUSED},
		{"$ b", "$ b", REFUSED},
		{"${}", REFUSED, REFUSED},
		{"${1}", REFUSED, REFUSED},
		{"${A", REFUSED, REFUSED},
		{"${A:=z}", REFUSED, REFUSED},
		{"${A:}", REFUSED, REFUSED},
		{"${a b}", REFUSED, REFUSED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		replace_and_compare(cases[i].string, COMPOSE_UP, cases[i].up);
		replace_and_compare(cases[i].string, COMPOSE_STACK, cases[i].stack);
		replace_and_compare(cases[i].string, COMPOSE_V1, cases[i].stack);
	}
}

static void what_a_value_is_made_of_is_remembered(void **state)
{
	struct compose_variables variables;
	struct text text;
	char buf[32];

	(void)state;
	text_init(&text, buf, sizeof buf);
	assert_int_equal(compose_variables_replace("a", COMPOSE_UP, &text, &variables), 0);
	assert_false(variables.is_default || variables.has_plus);
	assert_int_equal(compose_variables_replace("${A:-a}", COMPOSE_UP, &text, &variables), 0);
	assert_true(variables.is_default);
	assert_int_equal(
		compose_variables_replace("${A:-1} ${B:+x}", COMPOSE_STACK, &text, &variables), 0);
	assert_true(variables.has_plus);
	assert_false(variables.is_known);
}

static void defaults_nest_sixteen_deep(void **state)
{
	struct compose_variables variables;
	char nested[256] = "", buf[32];
	struct text text;

	(void)state;
	for (unsigned depth = 1; depth <= 17; depth++) {
		char *at = nested;

		for (unsigned i = 0; i < depth; i++, at += 5)
			memcpy(at, "${A:-", 5);
		memset(at, '}', depth);
		at[depth] = '\0';
		text_init(&text, buf, sizeof buf);
		assert_int_equal(compose_variables_replace(nested, COMPOSE_UP, &text, &variables),
			depth <= 16 ? 0 : -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_default_stands_for_its_variable),
		cmocka_unit_test(what_a_value_is_made_of_is_remembered),
		cmocka_unit_test(defaults_nest_sixteen_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

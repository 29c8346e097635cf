/* SPDX-License-Identifier: MIT */
#include "plan/core/compose_duration.h"

#include "core/text/text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define REFUSED INT64_MIN
#define MS INT64_C(1000000)

/* The table of three programs: docker 28.2.2 `stack config`, docker-compose 1.29.2, compose-go. */
static void each_program_has_its_own_grammar(void **state)
{
	static const struct {
		const char *string;
		int64_t up, stack, v1;
	} cases[] = {
		{"10s", 10000 * MS, 10000 * MS, 10000 * MS},
		{"1m30s", 90000 * MS, 90000 * MS, 90000 * MS},
		{"1.5s", 1500 * MS, 1500 * MS, 1500 * MS},
		{"0.5m", 30000 * MS, 30000 * MS, 30000 * MS},
		{"500ms", 500 * MS, 500 * MS, 500 * MS},
		{"100us", 100000, 100000, 100000},
		{"1\xC2\xB5s", 1000, 1000, REFUSED},
		{"1ns", 1, 1, 1},
		{"1h1m1s500ms", 3661500 * MS, 3661500 * MS, 3661500 * MS},
		{"+5s", 5000 * MS, 5000 * MS, REFUSED},
		{"-5s", -5000 * MS, -5000 * MS, REFUSED},
		{"0", 0, 0, REFUSED},
		{"0s", 0, 0, 0},
		{"1d", 86400000 * MS, REFUSED, REFUSED},
		{"1w2d", 9 * 86400000 * MS, REFUSED, REFUSED},
		{"90", REFUSED, REFUSED, REFUSED},
		{"1m30", REFUSED, REFUSED, REFUSED},
		{"5 s", REFUSED, REFUSED, REFUSED},
		{" 5s", REFUSED, REFUSED, 5000 * MS},
		{"5s ", REFUSED, REFUSED, 5000 * MS},
		{"5S", REFUSED, REFUSED, 5000 * MS},
		{"5sec", REFUSED, REFUSED, REFUSED},
		{"5min", REFUSED, REFUSED, REFUSED},
		{"", REFUSED, REFUSED, REFUSED},
		{" ", REFUSED, REFUSED, REFUSED},
		{"1e3s", REFUSED, REFUSED, REFUSED},
		{"1s1m", 61000 * MS, 61000 * MS, REFUSED},
		{"1s1s", 2000 * MS, 2000 * MS, REFUSED},
		{".5s", 500 * MS, 500 * MS, 500 * MS},
		{".s", REFUSED, REFUSED, REFUSED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const int64_t expected[] = {cases[i].up, cases[i].stack, cases[i].v1};

		for (int program = COMPOSE_UP; program <= COMPOSE_V1; program++) {
			int64_t ns = REFUSED;
			int r = compose_duration_parse(
				cases[i].string, (enum compose_program)program, &ns);

			if (ns != expected[program] ||
				r != (expected[program] == REFUSED ? -EINVAL : 0))
				fail_msg("'%s' in grammar %d: %d, %lld", cases[i].string, program,
					r, (long long)ns);
		}
	}
}

static void what_is_too_long_is_out_of_range(void **state)
{
	int64_t ns;

	(void)state;
	assert_int_equal(compose_duration_parse("99999999999w", COMPOSE_UP, &ns), -ERANGE);
	assert_int_equal(compose_duration_parse("9223372037s", COMPOSE_STACK, &ns), -ERANGE);
	assert_int_equal(compose_duration_parse("9223372037s", COMPOSE_V1, &ns), -ERANGE);
	assert_int_equal(compose_duration_parse("99999999999999999999s", COMPOSE_UP, &ns), -ERANGE);
}

static void a_container_has_whole_seconds(void **state)
{
	(void)state;
	assert_int_equal(compose_duration_seconds(1900 * MS), 1);
	assert_int_equal(compose_duration_seconds(500 * MS), 0);
	assert_int_equal(compose_duration_seconds(90000 * MS), 90);
}

static void a_refused_duration_has_a_suggestion(void **state)
{
	static const struct {
		const char *string, *suggestion;
	} cases[] = {
		{"90", "90s"},
		{"90.5", "90.5s"},
		{"5min", "5m"},
		{"30S", "30s"},
		{"1m30", "1m30s"},
		{"1 minute 30 seconds", "1m30s"},
		{"1d", "24h"},
		{"2 weeks", "336h"},
		{"5sec", "5s"},
		{" 5s", "5s"},
		{"5M", "5m"},
		{"0", "0s"},
		{"ten", ""},
		{"", ""},
		{"-5", ""},
		{"1e3s", ""},
		{"1.5d", ""},
		{"30 30", ""},
		{"5x", ""},
		{"99999999999999999999", ""},
		{"9999999d", ""},
	};
	char buf[32];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct text text;

		text_init(&text, buf, sizeof buf);
		compose_duration_suggest(&text, cases[i].string);
		assert_string_equal(buf, cases[i].suggestion);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_program_has_its_own_grammar),
		cmocka_unit_test(what_is_too_long_is_out_of_range),
		cmocka_unit_test(a_container_has_whole_seconds),
		cmocka_unit_test(a_refused_duration_has_a_suggestion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

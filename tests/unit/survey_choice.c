/* SPDX-License-Identifier: MIT */
/* Which polls are surveys, and which are repeated after one. */
#include "core/tcp/survey_choice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NOW 5000

static void a_survey_is_made_when_it_is_due(void **state)
{
	static const struct {
		struct survey_facts facts;
		enum survey_choice choice;
	} rows[] = {
		{{.is_stopping = true}, SURVEY_BY_POLL},
		{{.is_stopping = true, .is_surveyed = true}, SURVEY_BY_ITSELF},
		{{.is_stopping = true, .is_surveyed = true, .may_be_last = true}, SURVEY_BY_POLL},
		{{.is_stopping = true, .due_at = NOW}, SURVEY_BY_POLL},
		{{.is_stopping = true, .due_at = NOW + 1, .may_be_last = true}, SURVEY_NONE},
		{{.is_stopping = true, .app_ended = true, .may_be_last = true}, SURVEY_NONE},
		{{.may_be_last = true}, SURVEY_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (survey_choose(&rows[i].facts, NOW) != rows[i].choice)
			fail_msg("row %zu", i);
	}
}

static void a_survey_by_itself_needs_a_reason(void **state)
{
	(void)state;
	assert_false(survey_follows_poll(0, true));
	assert_true(survey_follows_poll(1, true));
	assert_true(survey_follows_poll(0, false));
}

static void rows_that_are_older_than_the_survey_are_read_again(void **state)
{
	(void)state;
	assert_false(survey_repeats_poll(SURVEY_BY_ITSELF, false, 0));
	assert_true(survey_repeats_poll(SURVEY_BY_ITSELF, false, 1));
	assert_false(survey_repeats_poll(SURVEY_BY_POLL, false, SURVEY_ASIDE_MAX));
	assert_true(survey_repeats_poll(SURVEY_BY_POLL, false, SURVEY_ASIDE_MAX + 1));
	assert_true(survey_repeats_poll(SURVEY_BY_POLL, true, 0));
	assert_true(survey_repeats_poll(SURVEY_BY_ITSELF, true, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_survey_is_made_when_it_is_due),
		cmocka_unit_test(a_survey_by_itself_needs_a_reason),
		cmocka_unit_test(rows_that_are_older_than_the_survey_are_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

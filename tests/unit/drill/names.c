/* SPDX-License-Identifier: MIT */
/* What every output calls things: each has a name, and no two the same. */
#include "drill/core/drill_result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *outcome(int i)
{
	return outcome_name((enum outcome)i);
}

static const char *cohort(int i)
{
	return cohort_name((enum cohort)i);
}

static const char *phase(int i)
{
	return drill_phase_name((enum drill_phase)i);
}

static const char *mark(int i)
{
	return run_mark_name((enum run_mark)i);
}

static void assert_all_differ(const char *(*name)(int), int count)
{
	for (int i = 0; i < count; i++) {
		assert_non_null(name(i));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(name(i), name(k));
	}
}

static void names_differ(void **state)
{
	(void)state;
	assert_all_differ(outcome, OUTCOME_COUNT);
	assert_all_differ(cohort, COHORT_COUNT);
	assert_all_differ(phase, DRILL_PHASE_COUNT);
	assert_all_differ(mark, RUN_MARK_COUNT);
}

static void cohorts_have_the_letters_of_the_table(void **state)
{
	(void)state;
	for (int i = 0; i < COHORT_COUNT; i++)
		assert_int_equal(cohort_letter((enum cohort)i), 'A' + i);
}

static void verdicts_have_names(void **state)
{
	(void)state;
	assert_string_equal(verdict_name(VERDICT_PASS), "pass");
	assert_string_equal(verdict_name(VERDICT_FAIL), "fail");
	assert_string_equal(verdict_name(VERDICT_INCONCLUSIVE), "inconclusive");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_differ),
		cmocka_unit_test(cohorts_have_the_letters_of_the_table),
		cmocka_unit_test(verdicts_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What a summary leaves out of many runs, it says. */
#include "drill/output/markdown.h"

#include "samples.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANY_RUNS 120

static char *summary_of(const struct drill_result *result)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	markdown_write(result, out);
	fclose(out);
	return text;
}

/* More runs than a summary shows, all alike. */
static void multiply_runs(struct drill_result *result)
{
	result->runs = reallocarray(result->runs, MANY_RUNS, sizeof(*result->runs));
	for (unsigned i = result->run_count; i < MANY_RUNS; i++) {
		result->runs[i] = result->runs[0];
		result->runs[i].number = i + 1;
		result->runs[i].attempts = NULL;
		result->runs[i].attempt_count = 0;
	}
	result->run_count = MANY_RUNS;
}

static void what_is_left_out_is_counted(void **state)
{
	struct drill_result *result = sample_new("passed");
	char *text;

	(void)state;
	multiply_runs(result);
	for (unsigned i = 0; i < result->run_count; i++) {
		result->runs[i].disagreement_count = 1;
		(void)strcpy(result->runs[i].disagreements[0], "it took longer");
	}
	text = summary_of(result);
	assert_non_null(strstr(text, "Stop time of the first 100 runs: "));
	assert_non_null(strstr(text, "- run 50: it took longer\n- and 70 more\n"));
	assert_null(strstr(text, "- run 51: "));
	free(text);
	sample_free(result);
}

static void what_is_all_there_is_not_counted(void **state)
{
	struct drill_result *result = sample_new("failed");
	char *text = summary_of(result);

	(void)state;
	assert_non_null(strstr(text, "Stop time of each run: "));
	assert_null(strstr(text, "- and "));
	free(text);
	sample_free(result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_out_is_counted),
		cmocka_unit_test(what_is_all_there_is_not_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

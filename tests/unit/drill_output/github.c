/* SPDX-License-Identifier: MIT */
#include "drill/output/github.h"

#include "samples.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/lastcall-github-XXXXXX";

static int make_file(void **state)
{
	const int fd = mkstemp(path);

	(void)state;
	return fd < 0 || close(fd) < 0 ? -1 : 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static int empty_file(void **state)
{
	(void)state;
	return truncate(path, 0);
}

static char *read_file(void)
{
	static char text[64 * 1024];
	FILE *file = fopen(path, "r");

	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static void summary_is_added_to_what_is_there(void **state)
{
	struct drill_result *result = sample_new("failed");
	FILE *file = fopen(path, "w");

	(void)state;
	fputs("# build\n\n", file);
	fclose(file);
	assert_int_equal(github_summary_append(result, path), 0);
	assert_int_equal(github_summary_append(result, path), 0);
	assert_memory_equal(read_file(), "# build\n\n### ", 13);
	assert_non_null(strstr(strstr(read_file(), "### ") + 1, "\n### ")); /* and no ####: twice */
	sample_free(result);
}

/* GitHub shows nothing of a summary that is too long, also not what others wrote. */
static void summary_that_would_be_too_long_is_left_as_it_is(void **state)
{
	struct drill_result *result = sample_new("failed");

	(void)state;
	assert_int_equal(truncate(path, 1024 * 1024 - 100), 0);
	assert_int_equal(github_summary_append(result, path), -EFBIG);
	assert_int_equal(truncate(path, 1024 * 1024 - 64 * 1024), 0);
	assert_int_equal(github_summary_append(result, path), 0);
	sample_free(result);
}

static void summary_that_cannot_be_written_is_an_error(void **state)
{
	struct drill_result *result = sample_new("failed");

	(void)state;
	assert_int_equal(github_summary_append(result, "/nowhere/summary"), -ENOENT);
	assert_int_equal(github_output_append(result, "/dev/full"), -ENOSPC);
	sample_free(result);
}

static void outputs_are_a_line_each(void **state)
{
	struct drill_result *failed = sample_new("failed"), *none = sample_new("no_runs");

	(void)state;
	assert_int_equal(github_output_append(failed, path), 0);
	assert_int_equal(github_output_append(none, path), 0);
	assert_string_equal(read_file(),
		"verdict=fail\nfailed_checks=4\ncut=64\nstop_p95_s=2.236\n"
		"verdict=inconclusive\nfailed_checks=0\ncut=0\nstop_p95_s=\n");
	sample_free(failed);
	sample_free(none);
}

static void eleventh_error_is_counted_not_told(void **state)
{
	struct drill_result *result = sample_new("no_runs");
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	unsigned lines = 0;

	(void)state;
	result->verdict = VERDICT_FAIL;
	for (result->check_count = 0; result->check_count < 14; result->check_count++)
		strcpy(result->checks[result->check_count].name, "refused");
	github_annotations_write(result, out);
	fclose(out);
	for (const char *s = text; (s = strstr(s, "::error ")); s++)
		lines++;
	assert_int_equal(lines, 10);
	assert_non_null(strstr(text, "::5 more checks failed\n"));
	free(text);
	sample_free(result);
}

/* Warnings, disagreements and doubts share what GitHub shows. */
static void eleventh_warning_is_counted_not_told(void **state)
{
	struct drill_result *result = sample_new("failed");
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	unsigned lines = 0;

	(void)state;
	for (result->warning_count = 0; result->warning_count < 8; result->warning_count++)
		strcpy(result->warnings[result->warning_count], "3 refused");
	github_annotations_write(result, out); /* with four disagreements */
	fclose(out);
	for (const char *s = text; (s = strstr(s, "::warning ")); s++)
		lines++;
	assert_int_equal(lines, 10);
	assert_non_null(strstr(text, "::3 more warnings\n"));
	free(text);
	sample_free(result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(summary_is_added_to_what_is_there, empty_file),
		cmocka_unit_test_setup(summary_that_would_be_too_long_is_left_as_it_is, empty_file),
		cmocka_unit_test_setup(summary_that_cannot_be_written_is_an_error, empty_file),
		cmocka_unit_test_setup(outputs_are_a_line_each, empty_file),
		cmocka_unit_test_setup(eleventh_error_is_counted_not_told, empty_file),
		cmocka_unit_test_setup(eleventh_warning_is_counted_not_told, empty_file),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}

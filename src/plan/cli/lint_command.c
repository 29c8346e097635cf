/* SPDX-License-Identifier: MIT */
#include "plan/cli/commands.h"

#include "plan/cli/lint_options.h"
#include "plan/lint/lint_run.h"
#include "plan/output/lint_print.h"

#include "host/input_file.h"
#include "host/report_search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { REPORTS_MAX_BYTES = 1 << 30 };

static int complain(const char *line)
{
	(void)fprintf(stderr, "lastcall-plan: error: lint: %s\n", line);
	return PLAN_EXIT_USAGE;
}

static int print_help(void)
{
	static char page[LINT_HELP_BYTES];
	struct text text;

	text_init(&text, page, sizeof(page));
	lint_options_write_help(&text);
	(void)fputs(page, stdout);
	return PLAN_EXIT_OK;
}

static void take_longest(msec_t *longest, int64_t value)
{
	if (value >= 0 && (*longest == MSEC_NEVER || value > *longest))
		*longest = value;
}

static int search_reports(
	struct report_search *search, const struct lint_options *options, struct text *error)
{
	for (size_t i = 0; i < options->report_count; i++) {
		char *bytes;
		size_t len;
		int r = input_file_read(options->reports[i], REPORTS_MAX_BYTES, &bytes, &len);

		if (r == 0) {
			r = report_search_text(search, bytes, len);
			free(bytes);
		}
		if (r < 0) {
			text_printf(error, "%s: %s", options->reports[i], strerror(-r));
			return r;
		}
	}
	if (search->count > 0)
		return 0;
	text_add(error, "--reports: there is no report of lastcall in these files");
	return -EINVAL;
}

/* The longest of all stops that were asked for. */
static int read_reports(
	const struct lint_options *options, struct check_settings *settings, struct text *error)
{
	struct report_search search;
	int r;

	if (options->report_count == 0)
		return 0;
	if (report_search_init(&search) < 0) {
		text_add(error, "no memory");
		return -ENOMEM;
	}
	r = search_reports(&search, options, error);
	for (size_t i = 0; i < search.count; i++) {
		if (search.stops[i].was_asked) {
			take_longest(&settings->longest_request, search.stops[i].longest_ms);
			take_longest(&settings->longest_stop, search.stops[i].total_ms);
		}
	}
	report_search_done(&search);
	return r;
}

static int list_files(const struct lint_options *options, struct file_list *list,
	struct arena *arena, struct text *error)
{
	int r = 0;

	for (int i = 0; i < options->path_count && r == 0; i++) {
		r = file_list_add(list, arena, options->paths[i]);
		if (r < 0)
			text_printf(error, "%s: %s", options->paths[i], strerror(-r));
	}
	if (r == 0 && list->count == 0) {
		text_add(error, "there is no file to read in these folders");
		r = -EINVAL;
	}
	return r;
}

static int print(const struct lint_options *options, const struct lint_result *result)
{
	const struct terminal terminal = terminal_of(stdout);

	switch (options->format) {
	case LINT_TEXT:
		lint_print_text(result, &terminal, stdout);
		return 0;
	case LINT_JSON:
		return lint_print_json(result, stdout);
	case LINT_SARIF:
		return lint_print_sarif(result, LASTCALL_VERSION, stdout);
	case LINT_GITHUB:
		lint_print_github(result, stdout);
		return 0;
	}
	return 0;
}

static int status_of(const struct lint_options *options, const struct lint_result *result)
{
	if (result->has_unreadable)
		return PLAN_EXIT_USAGE;
	if (result->counts.errors > 0 ||
		(options->fail_on == SEVERITY_WARNING && result->counts.warnings > 0))
		return PLAN_EXIT_FOUND;
	return PLAN_EXIT_OK;
}

static int finish(const struct lint_options *options, const struct lint_result *result)
{
	int r;

	if (print(options, result) < 0)
		return complain("cannot write standard output");
	if (options->write_baseline) {
		r = baseline_write(options->write_baseline, result->findings, result->count);
		if (r < 0) {
			(void)fprintf(stderr, "lastcall-plan: error: lint: cannot write '%s': %s\n",
				options->write_baseline, strerror(-r));
			return PLAN_EXIT_USAGE;
		}
		return PLAN_EXIT_OK; /* these findings are known from now on */
	}
	return status_of(options, result);
}

static int lint(const struct lint_options *options, const struct file_list *files,
	struct baseline *baseline, struct text *error)
{
	struct check_settings settings = {
		.image_has_lastcall = options->image_has_lastcall,
		.image_has_curl = options->image_has_curl,
		.image_has_shell = options->image_has_shell,
		.has_image_list = options->has_image_list,
		.is_stack = options->is_stack,
		.longest_request = MSEC_NEVER,
		.longest_stop = MSEC_NEVER,
	};
	const struct lint_request request = {
		.files = files,
		.settings = &settings,
		.max_bytes = options->max_bytes,
		.ignores = options->ignores,
		.ignore_count = options->ignore_count,
		.baseline = baseline,
	};
	struct lint_result result;
	int status;

	if (read_reports(options, &settings, error) < 0)
		return complain(error->buf);
	status = lint_run(&request, &result, error) < 0 ? complain(error->buf)
							: finish(options, &result);
	lint_result_done(&result);
	return status;
}

int lint_command(int argc, char *argv[])
{
	static struct lint_options options;
	struct baseline baseline = {0};
	struct file_list files = {0};
	struct arena arena = {0};
	struct text error;
	char line[1024];
	int status;

	text_init(&error, line, sizeof(line));
	if (lint_options_parse(argc, argv, &options, &error) < 0)
		return complain(line);
	if (options.help)
		return print_help();
	if ((options.baseline && baseline_read(options.baseline, &baseline, &error) < 0) ||
		list_files(&options, &files, &arena, &error) < 0)
		status = complain(line);
	else
		status = lint(&options, &files, &baseline, &error);
	baseline_done(&baseline);
	file_list_done(&files);
	arena_done(&arena);
	return status;
}

/* SPDX-License-Identifier: MIT */
#include "drill/outputs.h"

#include "drill/output/github.h"
#include "drill/output/json_document.h"
#include "drill/output/junit.h"
#include "drill/output/markdown.h"
#include "drill/output/openmetrics.h"
#include "drill/output/picture.h"
#include "drill/output/table.h"
#include "host/whole_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* With the table, as plain text, for a reader of the suite. */
static int write_junit(const struct drill_result *result, FILE *out)
{
	const struct terminal page = {.has_unicode = true, .columns = 100};
	char *table = NULL;
	size_t len = 0;
	FILE *memory = open_memstream(&table, &len);
	int r = -ENOMEM;

	if (memory != NULL)
		table_write(result, &page, memory);
	if (memory != NULL && fclose(memory) == 0) {
		junit_write(result, table, out);
		r = 0;
	}
	free(table);
	return r;
}

static int write_markdown(const struct drill_result *result, FILE *out)
{
	markdown_write(result, out);
	return 0;
}

static int write_openmetrics(const struct drill_result *result, FILE *out)
{
	openmetrics_write(result, out);
	return 0;
}

static int (*const writers[])(const struct drill_result *result, FILE *out) = {
	[DRILL_OUTPUT_JSON] = json_document_write,
	[DRILL_OUTPUT_NDJSON] = json_attempts_write,
	[DRILL_OUTPUT_JUNIT] = write_junit,
	[DRILL_OUTPUT_MARKDOWN] = write_markdown,
	[DRILL_OUTPUT_OPENMETRICS] = write_openmetrics,
	[DRILL_OUTPUT_SVG] = picture_write_svg,
	[DRILL_OUTPUT_PNG] = picture_write_png,
};
_Static_assert(sizeof(writers) / sizeof(*writers) == DRILL_OUTPUT_COUNT, "an output has no writer");

static int fail(struct text *error, const char *path, int r)
{
	text_printf(error, "cannot write '%s': %s", path, strerror(-r));
	return r;
}

int outputs_open(
	const struct drill_options *options, struct outputs *ret_outputs, struct text *error)
{
	*ret_outputs = (struct outputs){.has_table = !options->quiet};
	for (int i = 0; i < DRILL_OUTPUT_COUNT; i++) {
		const char *path = options->outputs[i];
		int r = path == NULL ? 0 : whole_file_check(path);

		if (r < 0)
			return fail(error, path, r);
		if (path != NULL && strcmp(path, "-") == 0)
			ret_outputs->has_table = false;
	}
	return 0;
}

/* Only the end tells whether all of it has reached the file. */
static int write_one(const char *path, int (*write)(const struct drill_result *result, FILE *out),
	const struct drill_result *result)
{
	struct whole_file file;
	int r = whole_file_begin(&file, path);

	if (r < 0)
		return r;
	r = write(result, file.out);
	return whole_file_end(&file, r);
}

static int write_table(const struct drill_result *result, struct text *error)
{
	struct terminal terminal = terminal_of(stdout);

	table_write(result, &terminal, stdout);
	return fflush(stdout) != 0 ? fail(error, "standard output", -errno) : 0;
}

/* What a step of GitHub Actions shows, without an option: a user reads it there. */
static int write_github(const struct drill_result *result, struct text *error)
{
	const char *summary = getenv("GITHUB_STEP_SUMMARY"), *output = getenv("GITHUB_OUTPUT");
	const char *actions = getenv("GITHUB_ACTIONS");
	int r = 0;

	if (actions != NULL && strcmp(actions, "true") == 0)
		github_annotations_write(result, stderr); /* standard output may be a document */
	if (summary != NULL)
		r = github_summary_append(result, summary);
	if (r < 0)
		return fail(error, summary, r);
	if (output != NULL)
		r = github_output_append(result, output);
	return r < 0 ? fail(error, output, r) : 0;
}

int outputs_write(const struct outputs *outputs, const struct drill_options *options,
	const struct drill_result *result, struct text *error)
{
	int first = 0;

	if (outputs->has_table)
		first = write_table(result, error);
	for (int i = 0; i < DRILL_OUTPUT_COUNT; i++) {
		const char *path = options->outputs[i];
		int r = path == NULL ? 0 : write_one(path, writers[i], result);

		if (r < 0 && first == 0)
			first = fail(error, options->outputs[i], r);
	}
	if (first == 0)
		first = write_github(result, error);
	return first;
}

/* SPDX-License-Identifier: MIT */
#include "drill/outputs.h"

#include "drill/output/github.h"
#include "drill/output/json_document.h"
#include "drill/output/junit.h"
#include "drill/output/markdown.h"
#include "drill/output/openmetrics.h"
#include "drill/output/picture.h"
#include "drill/output/table.h"
#include "host/png_canvas.h"
#include "host/whole_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

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

/* Adds to what has failed before: the line names every output that failed. */
static int fail(struct text *error, const char *path, int r)
{
	if (error->len > 0)
		text_add(error, "; ");
	text_printf(error, "cannot write '%s': %s", path, strerror(-r));
	return r;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* What is discarded cannot be mixed up. */
static bool is_null_device(const struct stat *status)
{
	return S_ISCHR(status->st_mode) && status->st_rdev == makedev(1, 3);
}

/* Returns false for a file that does not exist yet: it is not standard output. */
static bool find_file(const char *path, struct stat *ret_status)
{
	return (strcmp(path, "-") == 0 ? fstat(STDOUT_FILENO, ret_status)
				       : stat(path, ret_status)) == 0;
}

/* Whether two paths name one file, as - and /dev/stdout do. */
static bool is_one_file(const char *a, const char *b)
{
	struct stat first, second;

	return find_file(a, &first) && find_file(b, &second) && is_same_file(&first, &second) &&
	       !is_null_device(&first);
}

static int check_output(const struct drill_options *options, int output, struct text *error)
{
	const char *path = options->outputs[output];
	int r = whole_file_check(path);

	if (r < 0)
		return fail(error, path, r);
	if (output == DRILL_OUTPUT_PNG && !png_canvas_is_available()) {
		text_printf(error, "cannot write '%s': " PNG_CANVAS_UNAVAILABLE, path);
		return -ELIBACC;
	}
	for (int other = 0; other < output; other++) {
		if (options->outputs[other] == NULL || !is_one_file(options->outputs[other], path))
			continue;
		text_printf(error, "more than one output to '%s'; give each a file", path);
		return -EINVAL;
	}
	return 0;
}

int outputs_open(
	const struct drill_options *options, struct outputs *ret_outputs, struct text *error)
{
	*ret_outputs = (struct outputs){.has_table = !options->quiet};
	for (int i = 0; i < DRILL_OUTPUT_COUNT; i++) {
		const char *path = options->outputs[i];
		int r = path == NULL ? 0 : check_output(options, i, error);

		if (r < 0)
			return r;
		if (path != NULL && is_one_file(path, "-"))
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
	errno = EIO; /* of what an earlier part has met nothing else is left */
	return fflush(stdout) != 0 || ferror(stdout) != 0 ? fail(error, "standard output", -errno)
							  : 0;
}

static int first_of(int first, int r)
{
	return first < 0 ? first : r;
}

/* What a step of GitHub Actions shows, without an option: a user reads it there. */
static int write_github(const struct drill_result *result, struct text *error)
{
	const char *summary = getenv("GITHUB_STEP_SUMMARY"), *output = getenv("GITHUB_OUTPUT");
	const char *actions = getenv("GITHUB_ACTIONS");
	int first = 0, r;

	if (actions != NULL && strcmp(actions, "true") == 0)
		github_annotations_write(result, stderr); /* standard output may be a document */
	r = summary == NULL ? 0 : github_summary_append(result, summary);
	if (r < 0)
		first = fail(error, summary, r);
	r = output == NULL ? 0 : github_output_append(result, output);
	return r < 0 ? first_of(first, fail(error, output, r)) : first;
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

		if (r < 0)
			first = first_of(first, fail(error, path, r));
	}
	return first_of(first, write_github(result, error));
}

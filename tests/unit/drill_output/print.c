/* SPDX-License-Identifier: MIT */
/* Writes every sample in every form into a directory, for outputs.py to judge.
 *
 * usage: print DIRECTORY [SAMPLE] */
#include "drill/output/github.h"
#include "drill/output/json_document.h"
#include "drill/output/junit.h"
#include "drill/output/markdown.h"
#include "drill/output/openmetrics.h"
#include "drill/output/picture.h"
#include "drill/output/table.h"
#include "samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int write_junit(const struct drill_result *result, FILE *out)
{
	junit_write(result, "one line\nand <another>\n", out);
	return 0;
}

static int write_openmetrics(const struct drill_result *result, FILE *out)
{
	openmetrics_write(result, out);
	return 0;
}

static int write_markdown(const struct drill_result *result, FILE *out)
{
	markdown_write(result, out);
	return 0;
}

static int write_annotations(const struct drill_result *result, FILE *out)
{
	github_annotations_write(result, out);
	return 0;
}

static int write_table(const struct drill_result *result, FILE *out)
{
	const struct terminal plain = {.has_unicode = true, .breaks_lines = true, .columns = 80};

	table_write(result, &plain, out);
	return 0;
}

static int write_ascii_table(const struct drill_result *result, FILE *out)
{
	const struct terminal ascii = {.columns = 60}; /* a file: nothing breaks its lines */

	table_write(result, &ascii, out);
	return 0;
}

static int write_colour_table(const struct drill_result *result, FILE *out)
{
	const struct terminal colour = {
		.is_live = true,
		.has_colour = true,
		.has_unicode = true,
		.breaks_lines = true,
		.columns = 80,
	};

	table_write(result, &colour, out);
	return 0;
}

static const struct {
	const char *suffix;
	int (*write)(const struct drill_result *result, FILE *out);
} forms[] = {
	{"json", json_document_write},
	{"ndjson", json_attempts_write},
	{"xml", write_junit},
	{"prom", write_openmetrics},
	{"svg", picture_write_svg},
	{"png", picture_write_png},
	{"md", write_markdown},
	{"github", write_annotations},
	{"txt", write_table},
	{"ascii", write_ascii_table},
	{"ansi", write_colour_table},
};

static void write_forms(const char *directory, const char *sample)
{
	struct drill_result *result = sample_new(sample);

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		char path[512];
		FILE *out;

		snprintf(path, sizeof(path), "%s/%s.%s", directory, sample, forms[i].suffix);
		out = fopen(path, "w");
		if (!out || forms[i].write(result, out) != 0 || fclose(out) != 0) {
			perror(path);
			exit(1);
		}
	}
	sample_free(result);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	for (size_t i = 0; sample_name(i); i++) {
		if (argc < 3 || strcmp(argv[2], sample_name(i)) == 0)
			write_forms(argv[1], sample_name(i));
	}
	return 0;
}

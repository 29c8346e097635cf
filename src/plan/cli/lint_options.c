/* SPDX-License-Identifier: MIT */
#include "plan/cli/lint_options.h"

#include "core/cli/option_help.h"
#include "core/text/number.h"
#include "plan/document/documents.h"
#include "plan/lint/lint_filter.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

typedef int set_fn(struct lint_options *options, const char *value);

static int set_help(struct lint_options *options, const char *value)
{
	(void)value;
	options->help = true;
	return 0;
}

static int set_format(struct lint_options *options, const char *value)
{
	static const char *const names[] = {"text", "json", "sarif", "github"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(value, names[i]) == 0) {
			options->format = (enum lint_format)i;
			return 0;
		}
	}
	return -EINVAL;
}

static int set_fail_on(struct lint_options *options, const char *value)
{
	if (strcmp(value, "error") != 0 && strcmp(value, "warning") != 0)
		return -EINVAL;
	options->fail_on = value[0] == 'e' ? SEVERITY_ERROR : SEVERITY_WARNING;
	return 0;
}

static int add_ignore(struct lint_options *options, const char *value)
{
	if (options->ignore_count == LINT_MAX_OPTIONS || !lint_ignore_is_valid(value))
		return -EINVAL;
	options->ignores[options->ignore_count++] = value;
	return 0;
}

static int set_path(const char **path, const char *value)
{
	*path = value;
	return *value == '\0' ? -EINVAL : 0;
}

static int set_baseline(struct lint_options *options, const char *value)
{
	return set_path(&options->baseline, value);
}

static int set_write_baseline(struct lint_options *options, const char *value)
{
	return set_path(&options->write_baseline, value);
}

static int add_report(struct lint_options *options, const char *value)
{
	if (options->report_count == LINT_MAX_OPTIONS || *value == '\0')
		return -EINVAL;
	options->reports[options->report_count++] = value;
	return 0;
}

static bool *image_part(struct lint_options *options, const char *name, size_t len)
{
	const struct {
		const char *name;
		bool *part;
	} parts[] = {
		{"lastcall", &options->image_has_lastcall},
		{"curl", &options->image_has_curl},
		{"sh", &options->image_has_shell},
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (strlen(parts[i].name) == len && strncmp(parts[i].name, name, len) == 0)
			return parts[i].part;
	}
	return NULL;
}

/* "lastcall,sh", or "none". */
static int set_image(struct lint_options *options, const char *value)
{
	options->has_image_list = true;
	if (strcmp(value, "none") == 0)
		return 0;
	for (;;) {
		const size_t len = strcspn(value, ",");
		bool *part = image_part(options, value, len);

		if (!part)
			return -EINVAL;
		*part = true;
		if (value[len] == '\0')
			return 0;
		value += len + 1;
	}
}

static int set_stack(struct lint_options *options, const char *value)
{
	(void)value;
	options->is_stack = true;
	return 0;
}

/* Bytes, or with k, M or G: 1024 of the smaller one. */
static int set_max_size(struct lint_options *options, const char *value)
{
	const char *at = value;
	const int64_t number = number_take(&at, INT64_C(1) << 40);
	const char *const units = "kMG";
	const char *unit = *at ? strchr(units, *at) : NULL;
	int64_t bytes = number;

	if (number <= 0 || (*at && (!unit || at[1])))
		return -EINVAL;
	for (const char *u = units; unit && u <= unit; u++)
		bytes *= 1024;
	if (bytes > INT64_C(1) << 32)
		return -EINVAL;
	options->max_bytes = (size_t)bytes;
	return 0;
}

static const struct lint_option_row {
	const char *name, *metavar, *initial;
	set_fn *set;
	const char *form, *help;
} rows[] = {
	{"format", "FORMAT", "text", set_format, "text, json, sarif or github",
		"text, json, sarif or github"},
	{"fail-on", "SEVERITY", "error", set_fail_on, "error or warning",
		"the least that makes the exit status 1: error or warning"},
	{"ignore", "ID[:PATH]", NULL, add_ignore,
		"a rule's id, or one with a path: LC301:old/*.json",
		"leave a rule out, everywhere or in files, a folder, a resource or below a JSON "
		"pointer (repeatable)"},
	{"baseline", "FILE", NULL, set_baseline, "a path",
		"leave out the findings that this file knows"},
	{"write-baseline", "FILE", NULL, set_write_baseline, "a path",
		"write the findings of now to a baseline"},
	{"reports", "FILE", NULL, add_report, "a path, or - for standard input",
		"compare the settings with lastcall's reports in a log (repeatable)"},
	{"image-has", "LIST", NULL, set_image, "none, or some of lastcall,curl,sh",
		"what the images hold, for a document cannot show it: none, or some of "
		"lastcall,curl,sh"},
	{"stack", NULL, NULL, set_stack, NULL,
		"compose files are for docker stack deploy, also where that is not clear"},
	{"max-size", "SIZE", "64M", set_max_size, "bytes, like 1000000 or 64M, at most 4G",
		"the largest file that is read"},
};

enum { ROW_COUNT = sizeof(rows) / sizeof(*rows), OPTION_HELP = 'h', OPTION_ROW = 256 };

static void fill_getopt(struct option table[ROW_COUNT + 2])
{
	for (int i = 0; i < ROW_COUNT; i++)
		table[i] = (struct option){rows[i].name,
			rows[i].metavar ? required_argument : no_argument, NULL, OPTION_ROW + i};
	table[ROW_COUNT] = (struct option){"help", no_argument, NULL, OPTION_HELP};
	table[ROW_COUNT + 1] = (struct option){0};
}

static int set_option(struct lint_options *options, int option, char *argv[], struct text *error)
{
	const struct lint_option_row *row;

	if (option == OPTION_HELP)
		return set_help(options, NULL);
	if (option < OPTION_ROW) {
		text_printf(error,
			option == ':' ? "%s needs a value; see lastcall-plan lint --help"
				      : "%s is no option; see lastcall-plan lint --help",
			argv[optind - 1]);
		return -EINVAL;
	}
	row = &rows[option - OPTION_ROW];
	if (row->set(options, optarg) == 0)
		return 0;
	text_printf(error, "--%s='%s' is not accepted; give %s", row->name, optarg, row->form);
	return -EINVAL;
}

int lint_options_parse(
	int argc, char *argv[], struct lint_options *ret_options, struct text *ret_error)
{
	struct option table[ROW_COUNT + 2];
	struct lint_options options = {
		.fail_on = SEVERITY_ERROR, .max_bytes = (size_t)DOCUMENT_MAX_BYTES};
	int option;

	fill_getopt(table);
	optind = 0;
	while ((option = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
		if (set_option(&options, option, argv, ret_error) < 0)
			return -EINVAL;
	}
	options.paths = argv + optind;
	options.path_count = argc - optind;
	if (options.path_count == 0 && !options.help) {
		text_add(ret_error, "give files or folders, or - for standard input");
		return -EINVAL;
	}
	*ret_options = options;
	return 0;
}

void lint_options_write_help(struct text *text)
{
	text_add(text,
		"Usage: lastcall-plan lint [OPTION]... PATH...\n\n"
		"Finds what loses requests at a deployment, or stops it: in ECS task\n"
		"definitions and services, CloudFormation templates, the AWS CDK's cdk.out,\n"
		"Terraform plans, Compose and Swarm files, Kubernetes manifests. Files in a\n"
		"folder that are none of these are skipped; - is standard input.\n\n");
	for (int i = 0; i < ROW_COUNT; i++)
		option_help_write(text, &(struct option_help){.name = rows[i].name,
						.metavar = rows[i].metavar,
						.help = rows[i].help,
						.initial = rows[i].initial});
	option_help_write(text,
		&(struct option_help){.letter = 'h', .name = "help", .help = "print this page"});
	text_add(text,
		"\nExit status: 0 nothing found, 1 findings, 2 bad usage, or a document that\n"
		"cannot be read.\n");
}

/* SPDX-License-Identifier: MIT */
#include "host/whole_file.h"
#include "plan/cli/commands.h"
#include "plan/cli/time_document.h"
#include "plan/cli/time_options.h"
#include "plan/core/time_plan_make.h"
#include "plan/model/measured_stops.h"
#include "plan/model/past_deployments.h"
#include "plan/output/gantt_picture.h"
#include "plan/output/time_json.h"
#include "plan/output/time_page.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int complain(const char *line)
{
	(void)fprintf(stderr, "lastcall-plan: error: time: %s\n", line);
	return PLAN_EXIT_USAGE;
}

static int print_help(void)
{
	static char page[TIME_HELP_BYTES];
	struct text text;

	text_init(&text, page, sizeof page);
	time_options_write_help(&text);
	(void)fputs(page, stdout);
	return PLAN_EXIT_OK;
}

/* --platform and the document have to agree: a compose file says nothing of ECS. */
static int take_document(const struct time_options *options, const struct time_document *document,
	struct plan_inputs *inputs, struct text *error)
{
	const struct plan_inputs *found = time_document_find(document, options->service, error);

	if (found == NULL)
		return -EINVAL;
	*inputs = *found;
	if (!options->has_platform || options->platform == inputs->platform)
		return 0;
	text_printf(error, "--platform='%s' does not fit the document, which is for %s",
		plan_platform_name(options->platform), plan_platform_name(inputs->platform));
	return -EINVAL;
}

static void take_options(const struct time_options *options, struct plan_inputs *inputs)
{
	if (options->has_platform) {
		inputs->platform = options->platform;
		inputs->platform_is_known = true;
	}
	for (unsigned i = 0; i < PLAN_INPUT_COUNT; i++) {
		if (options->values[i].source != PLAN_UNSET)
			(void)plan_inputs_set(inputs, (enum plan_input)i, &options->values[i]);
	}
}

static int take_reports(
	const struct time_options *options, struct time_plan *plan, struct text *error)
{
	struct measured_stops stops = {0};
	int r = 0;

	for (unsigned i = 0; i < options->report_count && r == 0; i++)
		r = measured_stops_add(&stops, options->reports[i], error);
	if (r == 0 && stops.count > 0) {
		const struct plan_value value = {
			.number = measured_stops_percentile(&stops, options->percentile),
			.source = PLAN_MEASURED};

		(void)plan_inputs_set(&plan->inputs, PLAN_STOP, &value);
		plan->inputs.longest_request = stops.longest_request;
		plan->measured_stops = (unsigned)stops.count;
		plan->percentile = options->percentile;
	}
	measured_stops_done(&stops);
	return r;
}

static int collect(const struct time_options *options, struct time_document *document,
	struct time_plan *plan, struct text *error)
{
	int r = 0;

	if (options->document != NULL) {
		r = time_document_read(document, options->document, error);
		if (r == 0)
			r = take_document(options, document, &plan->inputs, error);
	}
	take_options(options, &plan->inputs);
	if (r == 0)
		r = take_reports(options, plan, error);
	if (r == 0 && options->deployments != NULL)
		r = past_deployments_read(plan, options->deployments, error);
	return r;
}

typedef int write_fn(const struct time_plan *plan, FILE *out);

static int write_file(
	const struct time_plan *plan, const char *path, write_fn *write, struct text *error)
{
	struct whole_file file;
	int r;

	if (path == NULL)
		return 0;
	r = whole_file_begin(&file, path);
	if (r == 0)
		r = whole_file_end(&file, write(plan, file.out));
	if (r < 0)
		text_printf(error, "cannot write '%s': %s", path, strerror(-r));
	return r;
}

/* A picture to standard output replaces the page. A stuck deployment has no timeline to draw. */
static int print(
	const struct time_options *options, const struct time_plan *plan, struct text *error)
{
	const struct terminal terminal = terminal_of(stdout);
	const bool is_taken = (options->svg != NULL && strcmp(options->svg, "-") == 0) ||
			      (options->png != NULL && strcmp(options->png, "-") == 0);

	if (!plan->upper.is_stuck &&
		(write_file(plan, options->svg, gantt_picture_write_svg, error) < 0 ||
			write_file(plan, options->png, gantt_picture_write_png, error) < 0))
		return PLAN_EXIT_USAGE;
	if (options->json && !is_taken && time_json_write(plan, stdout) < 0) {
		text_add(error, "cannot write standard output");
		return PLAN_EXIT_USAGE;
	}
	if (!options->json && !is_taken)
		time_page_write(plan, &terminal, stdout);
	return plan->upper.is_stuck ? PLAN_EXIT_FOUND : PLAN_EXIT_OK;
}

static int compute(
	const struct time_options *options, struct time_document *document, struct text *error)
{
	static struct time_plan plan;

	if (collect(options, document, &plan, error) < 0)
		return PLAN_EXIT_USAGE;
	time_plan_make(&plan);
	if (time_options_check(options, &plan.inputs, error) < 0)
		return PLAN_EXIT_USAGE;
	return print(options, &plan, error);
}

int time_command(int argc, char *argv[])
{
	struct time_document document = {0};
	struct time_options options;
	char line[1024];
	struct text error;
	int status;

	text_init(&error, line, sizeof line);
	if (time_options_parse(argc, argv, &options, &error) < 0)
		return complain(line);
	if (options.help)
		return print_help();
	if (options.service != NULL && options.document == NULL)
		return complain("--service needs a document");
	status = compute(&options, &document, &error);
	time_document_done(&document);
	return status == PLAN_EXIT_USAGE ? complain(line) : status;
}

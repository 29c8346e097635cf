/* SPDX-License-Identifier: MIT */
#include "host/png_canvas.h"
#include "host/whole_file.h"
#include "plan/cli/commands.h"
#include "plan/cli/time_document.h"
#include "plan/cli/time_options.h"
#include "plan/core/time_plan_make.h"
#include "plan/model/measured_stops.h"
#include "plan/model/past_deployments.h"
#include "plan/output/gantt_picture.h"
#include "plan/output/time_json.h"
#include "plan/output/time_overview.h"
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

/* What is read before anything is computed. */
struct sources {
	const struct time_options *options;
	struct time_document document;
	struct plan_value stop; /* measured; else unset */
	int64_t longest_request;
	bool has_lastcall; /* its reports were read */
	unsigned measured_stops;
};

static int read_reports(struct sources *sources, struct text *error)
{
	const struct time_options *options = sources->options;
	struct measured_stops stops = {0};
	int r = 0;

	for (unsigned i = 0; i < options->report_count && r == 0; i++)
		r = measured_stops_add(&stops, options->reports[i], error);
	if (r == 0 && stops.count > 0) {
		sources->stop = (struct plan_value){
			.number = measured_stops_percentile(&stops, options->percentile),
			.source = PLAN_MEASURED};
		sources->longest_request = stops.longest_request;
		sources->has_lastcall = stops.has_lastcall;
		sources->measured_stops = (unsigned)stops.count;
	}
	measured_stops_done(&stops);
	return r;
}

static int read_sources(struct sources *sources, struct time_plan *plan, struct text *error)
{
	const struct time_options *options = sources->options;
	int r = read_reports(sources, error);

	if (r == 0 && options->document_count > 0)
		r = time_document_read(
			&sources->document, options->documents, options->document_count, error);
	if (r == 0 && options->deployments != NULL)
		r = past_deployments_read(plan, options->deployments, error);
	return r;
}

/* --platform and the document have to agree: a compose file says nothing of ECS. */
static int take_platform(
	const struct time_options *options, struct plan_inputs *inputs, struct text *error)
{
	if (!options->has_platform)
		return 0;
	if (inputs->platform_is_known && inputs->platform != options->platform) {
		text_printf(error, "--platform='%s' does not fit the document, which is for %s",
			plan_platform_name(options->platform),
			plan_platform_name(inputs->platform));
		return -EINVAL;
	}
	inputs->platform = options->platform;
	inputs->platform_is_known = true;
	return 0;
}

/* workload: of the document; NULL: there is none. */
static int make_plan(const struct sources *sources, const struct plan_inputs *workload,
	struct time_plan *plan, struct text *error)
{
	const struct time_options *options = sources->options;
	struct plan_inputs *inputs = &plan->inputs;

	*inputs = workload != NULL ? *workload : (struct plan_inputs){0};
	if (inputs->problem != NULL) {
		text_add(error, inputs->problem);
		return -EINVAL;
	}
	if (take_platform(options, inputs, error) < 0)
		return -EINVAL;
	for (unsigned i = 0; i < PLAN_INPUT_COUNT; i++) {
		if (options->values[i].source != PLAN_UNSET)
			(void)plan_inputs_set(inputs, (enum plan_input)i, &options->values[i]);
	}
	if (sources->stop.source != PLAN_UNSET)
		(void)plan_inputs_set(inputs, PLAN_STOP, &sources->stop);
	inputs->longest_request = sources->longest_request;
	inputs->has_lastcall |= sources->has_lastcall;
	plan->measured_stops = sources->measured_stops;
	plan->percentile = options->percentile;
	time_plan_make(plan);
	return time_options_check(options, inputs, error);
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
	if (r == -ELIBACC)
		text_printf(error, "cannot write '%s': " PNG_CANVAS_UNAVAILABLE, path);
	else if (r < 0)
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

	if (plan->upper.is_stuck && (options->svg != NULL || options->png != NULL))
		(void)fputs("lastcall-plan: warning: time: no picture: the deployment is stuck\n",
			stderr);
	else if (write_file(plan, options->svg, gantt_picture_write_svg, error) < 0 ||
		 write_file(plan, options->png, gantt_picture_write_png, error) < 0)
		return PLAN_EXIT_USAGE;
	if (options->json && !is_taken && time_json_write(plan, stdout) < 0) {
		text_add(error, "cannot write standard output");
		return PLAN_EXIT_USAGE;
	}
	if (!options->json && !is_taken)
		time_page_write(plan, &terminal, stdout);
	return plan->upper.is_stuck ? PLAN_EXIT_FOUND : PLAN_EXIT_OK;
}

static bool is_name_of_another(
	const struct time_document *document, const struct plan_inputs *workload)
{
	for (size_t i = 0; i < document->count; i++) {
		if (&document->workloads[i] != workload &&
			strcmp(document->workloads[i].name, workload->name) == 0)
			return true;
	}
	return false;
}

/* Of several services a line each, and the page of the one that takes longest. */
static int print_all(const struct sources *sources, struct time_plan *plan, struct text *error)
{
	const struct plan_inputs *longest = sources->document.workloads;
	int64_t most = -1;
	int status = PLAN_EXIT_OK;

	time_overview_begin(stdout);
	for (size_t i = 0; i < sources->document.count; i++) {
		const struct plan_inputs *workload = &sources->document.workloads[i];

		if (make_plan(sources, workload, plan, error) < 0)
			return PLAN_EXIT_USAGE;
		time_overview_add(plan, is_name_of_another(&sources->document, workload), stdout);
		if (plan->upper.is_stuck)
			status = PLAN_EXIT_FOUND;
		if (plan->upper.complete > most) {
			most = plan->upper.complete;
			longest = workload;
		}
	}
	time_overview_end(longest->name, stdout);
	if (make_plan(sources, longest, plan, error) < 0 ||
		print(sources->options, plan, error) == PLAN_EXIT_USAGE)
		return PLAN_EXIT_USAGE;
	return status;
}

/* A picture and a JSON document are of one service. */
static bool wants_all(const struct sources *sources)
{
	const struct time_options *options = sources->options;

	return sources->document.count > 1 && options->service == NULL && !options->json &&
	       options->svg == NULL && options->png == NULL;
}

/* Before anything is printed: whether each service that is asked for can be computed. */
static int check_problems(const struct sources *sources, struct text *error)
{
	for (size_t i = 0; i < sources->document.count && sources->options->service == NULL; i++) {
		const char *problem = sources->document.workloads[i].problem;

		if (problem != NULL) {
			text_add(error, problem);
			return -EINVAL;
		}
	}
	return 0;
}

static int compute(struct sources *sources, struct text *error)
{
	static struct time_plan plan;
	const struct plan_inputs *workload = NULL;

	if (read_sources(sources, &plan, error) < 0 || check_problems(sources, error) < 0)
		return PLAN_EXIT_USAGE;
	if (wants_all(sources))
		return print_all(sources, &plan, error);
	if (sources->options->document_count > 0) {
		workload = time_document_find(&sources->document, sources->options->service, error);
		if (workload == NULL)
			return PLAN_EXIT_USAGE;
	}
	if (make_plan(sources, workload, &plan, error) < 0)
		return PLAN_EXIT_USAGE;
	return print(sources->options, &plan, error);
}

int time_command(int argc, char *argv[])
{
	struct time_options options;
	struct sources sources = {.options = &options};
	char line[1024];
	struct text error;
	int status;

	text_init(&error, line, sizeof line);
	if (time_options_parse(argc, argv, &options, &error) < 0)
		return complain(line);
	if (options.help)
		return print_help();
	if (options.service != NULL && options.document_count == 0)
		return complain("--service needs a document");
	status = compute(&sources, &error);
	time_document_done(&sources.document);
	return status == PLAN_EXIT_USAGE ? complain(line) : status;
}

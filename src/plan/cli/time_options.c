/* SPDX-License-Identifier: MIT */
#include "plan/cli/time_options.h"

#include "core/cli/option_help.h"
#include "core/text/number.h"
#include "plan/cli/input_value.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

static const char form_file[] = "a path, or - for standard output";

typedef int set_fn(struct time_options *options, const char *value);

static int set_help(struct time_options *options, const char *value)
{
	(void)value;
	options->help = true;
	return 0;
}

static int set_json(struct time_options *options, const char *value)
{
	(void)value;
	options->json = true;
	return 0;
}

static int set_platform(struct time_options *options, const char *value)
{
	for (unsigned p = 0; p < PLAN_PLATFORM_COUNT; p++) {
		if (strcmp(value, plan_platform_name(p)) != 0)
			continue;
		options->platform = p;
		options->has_platform = true;
		return 0;
	}
	return -EINVAL;
}

static int set_percentile(struct time_options *options, const char *value)
{
	const int64_t n = number_parse(value, 1, 100);

	if (n < 0)
		return -EINVAL;
	options->percentile = (unsigned)n;
	return 0;
}

static int add_report(struct time_options *options, const char *value)
{
	if (options->report_count == TIME_MAX_FILES || *value == '\0')
		return -EINVAL;
	options->reports[options->report_count++] = value;
	return 0;
}

static int set_path(const char **path, const char *value)
{
	if (*value == '\0')
		return -EINVAL;
	*path = value;
	return 0;
}

static int set_deployments(struct time_options *options, const char *value)
{
	return set_path(&options->deployments, value);
}

static int set_service(struct time_options *options, const char *value)
{
	return set_path(&options->service, value);
}

static int set_svg(struct time_options *options, const char *value)
{
	return set_path(&options->svg, value);
}

static int set_png(struct time_options *options, const char *value)
{
	return set_path(&options->png, value);
}

enum group { GROUP_ALL, GROUP_ECS, GROUP_KUBERNETES, GROUP_SWARM, GROUP_FILES, GROUP_COUNT };

/* One row an option: of an input, or with a setter of its own. */
static const struct time_option_row {
	enum group group;
	int input; /* enum plan_input; -1: set reads it */
	set_fn *set;
	const char *name, *metavar;
	const char *initial, *form; /* form: of what set reads */
	const char *help;
} rows[] = {
	{GROUP_ALL, -1, set_platform, "platform", "NAME", "the document's, else ecs",
		"ecs, kubernetes or swarm", "ecs, kubernetes or swarm"},
	{GROUP_ALL, PLAN_DESIRED, NULL, "desired", "COUNT", "1", NULL,
		"tasks, replicas, or the nodes of a DaemonSet"},
	{GROUP_ALL, PLAN_PULL, NULL, "pull", "DURATION", "30s on ecs, else 10s", NULL,
		"from the order to start a task until its image is there"},
	{GROUP_ALL, PLAN_BOOT, NULL, "boot", "DURATION", "10s", NULL,
		"from the start of the container until it can answer"},
	{GROUP_ALL, PLAN_STOP, NULL, "stop", "DURATION", "the stop timeout, with lastcall 10s",
		NULL, "how long the application takes to exit after the stop signal"},
	{GROUP_ALL, PLAN_STOP_TIMEOUT, NULL, "stop-timeout", "DURATION", "30s, on swarm 10s", NULL,
		"from the stop signal to SIGKILL"},
	{GROUP_ALL, PLAN_HEALTH_INTERVAL, NULL, "health-interval", "DURATION",
		"30s, on kubernetes 10s, on swarm 0s", NULL,
		"between two health checks; readiness probes on kubernetes"},
	{GROUP_ALL, PLAN_HEALTHY_COUNT, NULL, "healthy-count", "COUNT", "5, on kubernetes 1", NULL,
		"successes until a task that failed its checks is healthy"},

	{GROUP_ECS, PLAN_MIN_PERCENT, NULL, "min", "PERCENT", "100", NULL, "minimumHealthyPercent"},
	{GROUP_ECS, PLAN_MAX_PERCENT, NULL, "max", "PERCENT", "200", NULL, "maximumPercent"},
	{GROUP_ECS, PLAN_HEALTH_TIMEOUT, NULL, "health-timeout", "DURATION", "5s", NULL,
		"a health check that takes longer has failed"},
	{GROUP_ECS, PLAN_UNHEALTHY_COUNT, NULL, "unhealthy-count", "COUNT", "2", NULL,
		"failures in a row until a task is unhealthy"},
	{GROUP_ECS, PLAN_HEALTH_GRACE, NULL, "health-grace", "DURATION", "0s", NULL,
		"how long ECS ignores failing health checks of a new task"},
	{GROUP_ECS, PLAN_DEREGISTRATION_DELAY, NULL, "deregistration-delay", "DURATION", "300s",
		NULL, "how long the load balancer lets requests finish"},
	{GROUP_ECS, PLAN_LOAD_BALANCER, NULL, "load-balancer", "on|off", "on", NULL,
		"whether the tasks are in a target group"},
	{GROUP_ECS, PLAN_STRATEGY, NULL, "strategy", "NAME", "rolling", NULL,
		"rolling, blue-green, linear, canary or express"},
	{GROUP_ECS, PLAN_EARLY_SUCCESS, NULL, "early-success", "deferred|blocking|off", "off", NULL,
		"whether a rolling deployment completes before old tasks are gone"},
	{GROUP_ECS, PLAN_EARLY_PERCENT, NULL, "early-percent", "PERCENT", "100", NULL,
		"how many of the new tasks are healthy by then"},
	{GROUP_ECS, PLAN_BAKE, NULL, "bake", "DURATION", "15m, of express 3m", NULL,
		"both revisions run after all traffic was shifted"},
	{GROUP_ECS, PLAN_STEP_PERCENT, NULL, "step", "PERCENT", "10", NULL,
		"traffic shifted at each step of linear, in tenths: 33.3"},
	{GROUP_ECS, PLAN_STEP_BAKE, NULL, "step-bake", "DURATION", "6m", NULL,
		"after each step but the last"},
	{GROUP_ECS, PLAN_CANARY_PERCENT, NULL, "canary", "PERCENT", "5", NULL,
		"traffic of the canary"},
	{GROUP_ECS, PLAN_CANARY_BAKE, NULL, "canary-bake", "DURATION", "10m, of express 3m", NULL,
		"before the rest of the traffic follows the canary"},
	{GROUP_ECS, PLAN_HOOKS, NULL, "hooks", "DURATION", "0s", NULL,
		"lifecycle hooks of stages that are passed once, in all"},
	{GROUP_ECS, PLAN_STEP_HOOKS, NULL, "step-hooks", "DURATION", "0s", NULL,
		"lifecycle hooks at each shift of production traffic"},
	{GROUP_ECS, PLAN_BREAKER, NULL, "breaker", "on|off", "off", NULL,
		"the deployment circuit breaker"},
	{GROUP_ECS, PLAN_BREAKER_ROLLBACK, NULL, "breaker-rollback", "on|off", "off", NULL,
		"whether it rolls back"},
	{GROUP_ECS, PLAN_BREAKER_TYPE, NULL, "breaker-type", "TYPE", "bounded-percent", NULL,
		"bounded-percent, unbounded-percent or count"},
	{GROUP_ECS, PLAN_BREAKER_VALUE, NULL, "breaker-value", "COUNT", "50", NULL,
		"percent of the desired count, or a count"},
	{GROUP_ECS, PLAN_BREAKER_RESET, NULL, "breaker-reset", "on|off", "on", NULL,
		"whether a healthy task clears the failures"},
	{GROUP_ECS, PLAN_AZ_REBALANCING, NULL, "az-rebalancing", "on|off", "on", NULL,
		"whether ECS moves tasks between zones"},
	{GROUP_ECS, PLAN_FARGATE, NULL, "fargate", "on|off", "on", NULL,
		"Fargate, or instances of your own"},

	{GROUP_KUBERNETES, PLAN_KIND, NULL, "kind", "NAME", "deployment", NULL,
		"deployment, recreate, stateful-set, daemon-set or job"},
	{GROUP_KUBERNETES, PLAN_MAX_SURGE, NULL, "max-surge", "COUNT|PERCENT",
		"25%, of a daemon-set 0", NULL, "pods above the replicas"},
	{GROUP_KUBERNETES, PLAN_MAX_UNAVAILABLE, NULL, "max-unavailable", "COUNT|PERCENT",
		"25%, of other kinds 1", NULL, "pods that may be missing"},
	{GROUP_KUBERNETES, PLAN_MIN_READY, NULL, "min-ready", "DURATION", "0s", NULL,
		"minReadySeconds"},
	{GROUP_KUBERNETES, PLAN_INITIAL_DELAY, NULL, "initial-delay", "DURATION", "0s", NULL,
		"before the first readiness probe"},
	{GROUP_KUBERNETES, PLAN_PRE_STOP, NULL, "pre-stop", "DURATION", "0s", NULL,
		"how long the preStop hook takes"},
	{GROUP_KUBERNETES, PLAN_PROGRESS_DEADLINE, NULL, "progress-deadline", "DURATION", "600s",
		NULL, "progressDeadlineSeconds"},
	{GROUP_KUBERNETES, PLAN_PARTITION, NULL, "partition", "COUNT", "0", NULL,
		"of a StatefulSet: pods below this ordinal stay"},
	{GROUP_KUBERNETES, PLAN_POD_MANAGEMENT, NULL, "pod-management", "POLICY", "ordered-ready",
		NULL, "ordered-ready or parallel"},
	{GROUP_KUBERNETES, PLAN_REPLACEMENT, NULL, "pod-replacement", "POLICY",
		"terminating-or-failed", NULL, "of a Job: terminating-or-failed, or failed"},

	{GROUP_SWARM, PLAN_PARALLELISM, NULL, "parallelism", "COUNT", "1", NULL,
		"tasks replaced at once; 0: all"},
	{GROUP_SWARM, PLAN_DELAY, NULL, "delay", "DURATION", "0s", NULL, "after each of these"},
	{GROUP_SWARM, PLAN_MONITOR, NULL, "monitor", "DURATION", "5s", NULL,
		"how long a new task is watched"},
	{GROUP_SWARM, PLAN_ORDER, NULL, "order", "stop-first|start-first", "stop-first", NULL,
		"what comes first"},

	{GROUP_FILES, -1, set_service, "service", "NAME", "the one that takes longest",
		"a name of the document", "which service or workload of DOCUMENT"},
	{GROUP_FILES, -1, add_report, "reports", "FILE", NULL,
		"a path, or - for standard input, 64 at most",
		"the stop time from lastcall's reports in a log, or a drill's JSON (repeatable)"},
	{GROUP_FILES, -1, set_percentile, "percentile", "COUNT", "99", "a number from 1 to 100",
		"which of these times"},
	{GROUP_FILES, -1, set_deployments, "deployments", "FILE", NULL,
		"a path, or - for standard input",
		"DescribeServiceDeployments as JSON: shows how long they really took"},
	{GROUP_FILES, -1, set_svg, "svg", "FILE", NULL, form_file, "write the timeline as SVG"},
	{GROUP_FILES, -1, set_png, "png", "FILE", NULL, form_file, "write the timeline as PNG"},
	{GROUP_FILES, -1, set_json, "json", NULL, NULL, NULL, "print JSON in place of the page"},
	{GROUP_FILES, -1, set_help, "help", NULL, NULL, NULL, "print this page"},
};

#define ROW_COUNT (sizeof rows / sizeof *rows)

static int refuse(struct text *error, const char *name, const char *value, const char *form)
{
	text_printf(error, "--%s='%s' is not accepted; give %s", name, value, form);
	return -EINVAL;
}

static int read_one(struct time_options *options, const struct time_option_row *row,
	const char *value, struct text *error)
{
	struct plan_value *to;

	if (row->input < 0)
		return row->set(options, value) == 0 ? 0
						     : refuse(error, row->name, value, row->form);
	to = &options->values[row->input];
	if (input_value_parse((enum plan_input)row->input, value, to) < 0) {
		char form[160];
		struct text text;

		text_init(&text, form, sizeof form);
		input_value_add_form(&text, (enum plan_input)row->input);
		return refuse(error, row->name, value, form);
	}
	to->source = PLAN_OPTION;
	return 0;
}

int time_options_parse(int argc, char *argv[], struct time_options *options, struct text *error)
{
	struct option longs[ROW_COUNT + 1] = {{0}};
	int letter, at = 0;

	*options = (struct time_options){.percentile = 99};
	for (size_t i = 0; i < ROW_COUNT; i++)
		longs[i] = (struct option){rows[i].name,
			rows[i].metavar != NULL ? required_argument : no_argument, NULL, 0};
	opterr = 0;
	optind = 1;
	while ((letter = getopt_long(argc, argv, ":h", longs, &at)) != -1) {
		if (letter == 'h') {
			options->help = true;
		} else if (letter != 0) {
			text_printf(error,
				letter == ':'
					? "%s needs a value; see lastcall-plan time --help"
					: "unknown option '%s'; see lastcall-plan time --help",
				argv[optind - 1]);
			return -EINVAL;
		} else if (read_one(options, &rows[at], optarg, error) < 0) {
			return -EINVAL;
		}
	}
	options->documents = argv + optind;
	options->document_count = argc - optind;
	return 0;
}

int time_options_check(
	const struct time_options *options, const struct plan_inputs *inputs, struct text *error)
{
	for (unsigned i = 0; i < PLAN_INPUT_COUNT; i++) {
		if (options->values[i].source == PLAN_UNSET ||
			plan_input_is_used(inputs, (enum plan_input)i))
			continue;
		text_printf(error, "--%s has no effect on %s%s", plan_input_row(i)->name,
			plan_platform_name(inputs->platform),
			(plan_input_row(i)->platforms & 1U << inputs->platform) != 0
				? " with this strategy or kind"
				: "");
		return -EINVAL;
	}
	return 0;
}

static void write_group(struct text *text, enum group group)
{
	static const char *const titles[GROUP_COUNT] = {
		[GROUP_ALL] = "Every platform:",
		[GROUP_ECS] = "ECS:",
		[GROUP_KUBERNETES] = "Kubernetes:",
		[GROUP_SWARM] = "Swarm:",
		[GROUP_FILES] = "Files and output:",
	};

	text_printf(text, "\n%s\n", titles[group]);
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct option_help entry = {strcmp(rows[i].name, "help") == 0 ? 'h' : 0,
			rows[i].name, rows[i].metavar, rows[i].help, rows[i].initial};

		if (rows[i].group == group)
			option_help_write(text, &entry);
	}
}

void time_options_write_help(struct text *text)
{
	text_add(text,
		"Usage: lastcall-plan time [OPTION]... [DOCUMENT]...\n"
		"\n"
		"Computes how long a deployment takes, draws it, and shows which setting saves\n"
		"how much. Values come from options, else from DOCUMENT, else from the\n"
		"platform's defaults; what cannot be known is assumed, and marked.\n");
	for (unsigned group = 0; group < GROUP_COUNT; group++)
		write_group(text, group);
	text_add(text,
		"\n"
		"A DURATION has a unit: 500ms, 10s, 1m30s. DOCUMENT - is standard input. An ECS\n"
		"service, its task definition and its target groups may be in several files, in\n"
		"any order: service.json taskdef.json.\n"
		"\n"
		"Exit status: 0: the deployment can complete; 1: it is stuck; 2: bad usage or\n"
		"input, or an output could not be written.\n");
}

/* SPDX-License-Identifier: MIT */
#include "drill/runs.h"

#include "core/text/duration.h"
#include "core/text/signal_name.h"
#include "drill/drill_run.h"
#include "drill/core/verdict.h"
#include "host/core/clean_text.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void describe_target(const struct server_settings *server, struct text *text)
{
	switch (server->kind) {
	case SERVER_PID:
		if (server->pid_file != NULL)
			text_printf(text, "process of %s", server->pid_file);
		else
			text_printf(text, "process %d", (int)server->pid);
		return;
	case SERVER_DEPLOYMENT:
		text_add(text, "deployment");
		return;
	case SERVER_CONTAINER:
		text_printf(text, "container %s", server->container);
		return;
	case SERVER_IMAGE:
		text_printf(text, "%s run", server->engine);
		break;
	case SERVER_COMMAND:
		break;
	}
	for (unsigned i = 0; i < server->argc; i++)
		text_printf(text, "%s%s", text->len > 0 ? " " : "", server->argv[i]);
}

static void describe_stop(const struct server_settings *server, struct text *text)
{
	bool is_container = server->kind == SERVER_CONTAINER || server->kind == SERVER_IMAGE;
	char limit[DURATION_TEXT_BYTES];

	duration_text(limit, server->stop_timeout_us / 1000);
	if (server->kind == SERVER_DEPLOYMENT)
		text_printf(text, "%s", server->deploy_line);
	else if (server->stop_line != NULL)
		text_printf(text, "%s", server->stop_line);
	else if (is_container && server->stop_signal == 0)
		text_printf(text, "%s stop -t %u", server->engine,
			(unsigned)(server->stop_timeout_us / 1000000));
	else if (is_container)
		text_printf(text, "%s kill --signal %s, SIGKILL after %s", server->engine,
			signal_name(server->stop_signal), limit);
	else
		text_printf(text, "%s, SIGKILL after %s",
			signal_name(server->stop_signal != 0 ? server->stop_signal : SIGTERM),
			limit);
}

static void describe_profile(const struct drill_options *options, struct text *text)
{
	char timeout[DURATION_TEXT_BYTES], window[DURATION_TEXT_BYTES];

	if (options->server.kind == SERVER_DEPLOYMENT) {
		text_add(text,
			"requests count until the deployment is over, and at least 5 s longer");
		return;
	}
	if (options->server.kind == SERVER_COMMAND)
		text_printf(text, "as %s; ",
			options->server.place == SERVER_AS_PID1 ? "PID 1" : "a child");
	text_printf(text, "%s: ", options->profile != NULL ? options->profile->name : "no profile");
	if (options->health_url == NULL)
		text_add(text, "without --health-url requests count until the stop");
	else
		text_printf(text,
			"requests count until %u probes in a row fail (limit %s each) and %s "
			"longer",
			options->health_threshold,
			duration_text(timeout, options->health_timeout_us / 1000),
			duration_text(window, (msec_t)(options->lb_window_s * 1000)));
}

static void describe(const struct drill_options *options, struct drill_result *result)
{
	struct text text;

	text_init(&text, result->target, sizeof(result->target));
	describe_target(&options->server, &text);
	text_mark_cut(&text);
	text_init(&text, result->stop_text, sizeof(result->stop_text));
	describe_stop(&options->server, &text);
	text_mark_cut(&text);
	text_init(&text, result->profile, sizeof(result->profile));
	describe_profile(options, &text);
	text_init(&text, result->url, sizeof(result->url));
	text_add(&text, options->url);
	text_mark_cut(&text);
	result->started_unix_ms = wallclock_unix_ms();
	result->runs_asked = options->runs;
}

/* A shell that does not replace itself by the server ends at the stop signal, and the server never hears of it. */
static bool was_left_by_its_shell(const struct drill_result *control)
{
	const struct run *run = &control->runs[0];

	for (unsigned i = 0; i < control->check_count; i++) {
		if (!control->checks[i].has_passed &&
			strcmp(control->checks[i].name, "ended_by_itself") != 0)
			return false; /* clients saw it fail, too */
	}
	return !run->is_deployment && (run->processes_left > 0 || run->still_answers);
}

static void judge_control(struct drill_result *control, const struct thresholds *thresholds,
	struct drill_result *result)
{
	struct text because;

	result_judge(control, thresholds);
	result->control_failed = control->verdict == VERDICT_FAIL;
	if (!result->control_failed || !was_left_by_its_shell(control))
		return;
	result->control_failed = false;
	text_init(&because, result->inconclusive_because, sizeof(result->inconclusive_because));
	text_add(&because, "the control's shell ended without its server; begin the line of "
			   "--control with exec");
}

/* The same load, the same limits, one run, of a server or a deployment that is known to be bad. */
static int run_control(const struct drill_options *options, struct event_wait *wait,
	struct progress *progress, struct drill_result *result, struct text *error)
{
	const char *const argv[] = {"sh", "-c", options->control_line, NULL};
	bool is_deployment = options->server.kind == SERVER_DEPLOYMENT;
	struct server_settings server = {
		.kind = is_deployment ? SERVER_DEPLOYMENT : SERVER_COMMAND,
		.argv = argv,
		.argc = 3,
		.deploy_line = options->control_line,
		.start_timeout_us = options->server.start_timeout_us,
		.stop_timeout_us = options->server.stop_timeout_us,
	};
	const struct drill_run_order order = {
		.options = options,
		.server = &server,
		.url = options->control_url != NULL ? options->control_url : options->url,
		.is_control = true,
	};
	struct run run = {0};
	struct drill_result judged = {.runs = &run, .run_count = 1, .runs_asked = 1};
	char bytes[512];
	struct text wrong;
	int r;

	progress_begin_run(progress, 0, 0);
	result->has_control = true;
	text_init(&wrong, bytes, sizeof(bytes));
	r = drill_run_execute(&order, wait, progress, &run, &wrong);
	if (r < 0) {
		text_printf(error, "the control: %s", bytes);
	} else {
		progress_end_run(progress, &run);
		judge_control(&judged, &options->thresholds, result);
	}
	free(run.attempts);
	return r;
}

static int run_all(const struct drill_options *options, struct event_wait *wait,
	struct progress *progress, struct drill_result *result, struct text *error)
{
	const struct drill_run_order order = {
		.options = options, .server = &options->server, .url = options->url};
	int r = 0;

	for (unsigned i = 0; i < options->runs && r == 0; i++) {
		struct run *run = &result->runs[i];

		run->number = i + 1;
		progress_begin_run(progress, run->number, options->runs);
		r = drill_run_execute(&order, wait, progress, run, error);
		if (r < 0) {
			free(run->attempts);
			break;
		}
		result->run_count++;
		progress_end_run(progress, run);
		if (run->error[0] != '\0')
			break; /* one more would say no more */
	}
	return r;
}

int runs_execute(const struct drill_options *options, struct event_wait *wait,
	struct drill_result *result, struct text *error)
{
	int64_t began_us = monoclock_now_us();
	struct progress progress;
	int r = 0;

	*result = (struct drill_result){0};
	describe(options, result);
	result->runs = calloc(options->runs, sizeof(*result->runs));
	if (result->runs == NULL) {
		text_add(error, "no memory for so many runs");
		return -ENOMEM;
	}
	progress_init(&progress, wait->loop, options->quiet);
	if (options->control_line != NULL)
		r = run_control(options, wait, &progress, result, error);
	if (r == 0)
		r = run_all(options, wait, &progress, result, error);
	progress_done(&progress);
	result->was_interrupted = r == -EINTR;
	result->wall_s = (double)(monoclock_now_us() - began_us) / 1e6;
	if (r < 0)
		(void)snprintf(result->inconclusive_because, sizeof(result->inconclusive_because),
			"%s", r == -EINTR ? "it was interrupted" : error->buf);
	result_judge(result, &options->thresholds);
	return r;
}

void runs_done(struct drill_result *result)
{
	for (unsigned i = 0; i < result->run_count; i++)
		free(result->runs[i].attempts);
	free(result->runs);
	result->runs = NULL;
	result->run_count = 0;
}

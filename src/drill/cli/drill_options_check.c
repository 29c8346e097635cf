/* SPDX-License-Identifier: MIT */
#include "drill/cli/drill_options_check.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_RUNS 10
#define DEPLOYMENT_TIMEOUT_US INT64_C(600000000)

static int fail(struct text *error, const char *line)
{
	text_add(error, line);
	return -EINVAL;
}

/* One of the six kinds of target, and nothing that another one would need. */
static int choose_target(struct drill_options *options, struct text *error)
{
	struct server_settings *server = &options->server;
	bool has_command = server->argc > 0;
	int given = (server->pid != 0) + (server->pid_file != NULL) + (server->container != NULL) +
		    (server->deploy_line != NULL) + has_command;

	if (options->is_docker_run && !has_command)
		return fail(
			error, "--docker-run needs an image; give -- [docker run's options] IMAGE");
	if (given == 0)
		return fail(error, "no target; give --pid, --pid-file, --container, --deploy, or "
				   "-- COMMAND");
	if (given > 1)
		return fail(error, "more than one target; give one of --pid, --pid-file, "
				   "--container, --deploy, and -- COMMAND");
	if (has_command)
		server->kind = options->is_docker_run ? SERVER_IMAGE : SERVER_COMMAND;
	else if (server->deploy_line != NULL)
		server->kind = SERVER_DEPLOYMENT;
	else
		server->kind = server->container != NULL ? SERVER_CONTAINER : SERVER_PID;
	if (server->start_line != NULL && (has_command || server->pid != 0))
		return fail(error, "--start-cmd is for --pid-file and --container");
	return 0;
}

/* A deployment stops many servers, each in its own time, and is healthy throughout: what speaks of one stop
 * has no meaning, and what excuses requests must not. */
static int check_deployment(const struct drill_options *options, struct text *error)
{
	const struct server_settings *server = &options->server;
	const struct {
		bool is_given;
		const char *name;
	} others[] = {
		{server->stop_line != NULL, "stop-cmd"},
		{server->stop_signal != 0, "stop-signal"},
		{server->start_line != NULL, "start-cmd"},
		{options->health_url != NULL, "health-url"},
		{options->health_threshold != 0, "health-threshold"},
		{!isnan(options->lb_window_s), "lb-window"},
		{options->profile != NULL, "profile"},
		{options->lastcall_report != NULL, "lastcall-report"},
		{options->thresholds.expect_exit_count > 0, "expect-exit"},
		{!isnan(options->thresholds.max_overshoot_s), "max-overshoot"},
		{options->min_drain_s > 0, "min-drain"},
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (server->kind != SERVER_DEPLOYMENT || !others[i].is_given)
			continue;
		text_printf(
			error, "--%s is for a target that stops, not for --deploy", others[i].name);
		return -EINVAL;
	}
	return 0;
}

static int check_stop(const struct drill_options *options, struct text *error)
{
	const struct server_settings *server = &options->server;
	bool is_container = server->kind == SERVER_CONTAINER || server->kind == SERVER_IMAGE;

	if (server->stop_timeout_us == 0)
		return fail(error, "--stop-timeout='0s' leaves no time to stop in; give more");
	if (is_container && server->stop_line == NULL && server->stop_signal == 0 &&
		server->stop_timeout_us % 1000000 != 0)
		return fail(error, "--stop-timeout of a container is in whole seconds, as that of "
				   "docker stop -t");
	if (server->stop_line != NULL && server->stop_signal != 0)
		return fail(error, "--stop-cmd and --stop-signal; give one of them");
	return 0;
}

static int choose_runs(struct drill_options *options, struct text *error)
{
	const struct server_settings *server = &options->server;
	bool can_start = server->kind == SERVER_COMMAND || server->kind == SERVER_IMAGE ||
			 server->start_line != NULL;

	if (options->runs == 0)
		options->runs = can_start ? DEFAULT_RUNS : 1;
	else if (options->runs > 1 && !can_start && server->kind == SERVER_PID)
		return fail(error, "--runs above 1 needs a target that can be started again; give "
				   "-- COMMAND, or --pid-file with --start-cmd");
	return 0;
}

/* Cohort A's requests, shared out among its kinds, the first ones get what is left over. */
static void share_in_flight(struct drill_options *options)
{
	unsigned left = options->in_flight_requests, kinds;

	if (options->in_flight_kinds == 0)
		options->in_flight[options->in_flight_kinds++] = (struct load_request){0};
	kinds = options->in_flight_kinds;
	for (unsigned i = 0; i < kinds; i++) {
		struct load_request *request = &options->in_flight[i];

		request->connections = (left + kinds - i - 1) / (kinds - i);
		left -= request->connections;
		request->pattern = options->body;
		if (request->read_bytes_per_s < 0)
			request->read_bytes_per_s = options->read_bytes_per_s;
		if (request->upload_bytes < 0) {
			request->upload_bytes = options->upload_bytes;
			request->upload_bytes_per_s = options->upload_bytes_per_s;
		}
	}
	if (options->in_flight_requests == 0)
		options->in_flight_kinds = 0;
}

static int check_outputs(const struct drill_options *options, struct text *error)
{
	for (int i = 0; i < DRILL_OUTPUT_COUNT; i++) {
		const char *path = options->outputs[i];

		for (int k = 0; k < i && path != NULL; k++) {
			if (options->outputs[k] == NULL || strcmp(options->outputs[k], path) != 0)
				continue;
			text_printf(error, "more than one output to '%s'; give each a file", path);
			return -EINVAL;
		}
	}
	return 0;
}

/* What was not given is the profile's. */
static void fill_in_profile(struct drill_options *options)
{
	const struct drill_profile *profile =
		options->profile != NULL ? options->profile : drill_profile_default();

	if (options->health_threshold == 0)
		options->health_threshold = profile->health_threshold;
	if (options->health_timeout_us < 0)
		options->health_timeout_us = profile->health_timeout_us;
	if (isnan(options->lb_window_s))
		options->lb_window_s = profile->lb_window_s;
	if (options->server.stop_timeout_us < 0)
		options->server.stop_timeout_us = options->server.kind == SERVER_DEPLOYMENT
							  ? DEPLOYMENT_TIMEOUT_US
							  : profile->stop_timeout_us;
}

static int check_way(const struct drill_options *options, struct text *error)
{
	if (options->key != NULL && options->cert == NULL)
		return fail(error, "--key needs --cert");
	if (options->cert != NULL && strncasecmp(options->url, "https:", 6) != 0)
		return fail(error, "--cert is for an https:// URL");
	if (options->unix_socket != NULL && options->detour_count > 0)
		return fail(error, "--unix-socket and --connect-to; give one of them");
	return 0;
}

static int check_load(const struct drill_options *options, struct text *error)
{
	if (!isnan(options->thresholds.max_gap_s) && !(options->new_per_s > 0))
		return fail(error, "--max-gap needs new connections; give --rate above 0");
	if (!isnan(options->thresholds.min_completion) && options->in_flight_requests == 0)
		return fail(error,
			"--min-completion needs requests in flight; give --in-flight above 0");
	if (options->health_timeout_us == 0)
		return fail(error, "--health-timeout='0s' leaves no time to answer; give more");
	if (options->server.place == SERVER_AS_PID1 && options->server.kind != SERVER_COMMAND)
		return fail(error, "--as=pid1 is for -- COMMAND");
	if (options->in_flight_requests > 0 &&
		options->in_flight_requests < options->in_flight_kinds)
		return fail(error, "--in-flight is less than the kinds of requests; give more");
	return 0;
}

int drill_options_check(struct drill_options *options, struct text *error)
{
	if (options->url == NULL)
		return fail(error, "no URL; give one, like http://127.0.0.1:8080/, before --");
	if (choose_target(options, error) < 0 || check_deployment(options, error) < 0)
		return -EINVAL;
	fill_in_profile(options);
	if (check_stop(options, error) < 0 || choose_runs(options, error) < 0 ||
		check_outputs(options, error) < 0 || check_load(options, error) < 0 ||
		check_way(options, error) < 0)
		return -EINVAL;
	if (options->control_url != NULL && options->control_line == NULL)
		return fail(error, "--control-url needs --control");
	options->form.headers = options->headers[0] != '\0' ? options->headers : NULL;
	share_in_flight(options);
	return 0;
}

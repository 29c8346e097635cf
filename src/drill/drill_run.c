/* SPDX-License-Identifier: MIT */
#include "drill/drill_run.h"

#include "drill/core/disagreements.h"
#include "drill/core/tally.h"
#include "drill/load/load.h"
#include "drill/readiness.h"
#include "drill/server/server_report.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SECOND INT64_C(1000000)
#define READY_TIMEOUT_US (10 * SECOND) /* a connection that is not busy by then will not be */
#define KILL_TAKES_US                                                                              \
	(20 * SECOND) /* after the stop timeout: an engine's SIGKILL, and its clean-up */
#define LINGER_US (5 * SECOND) /* of the load after a deployment's command, at least */
#define FLUSH_US (10 * SECOND) /* what the kernel still has after the exit may take so long */

/* Everything that one run has open. */
struct drill_run {
	const struct drill_run_order *order;
	const struct drill_options *options;
	struct event_wait *wait;
	struct progress *progress;
	struct run *run;
	struct server server;
	struct readiness readiness;
	struct load *load;
	int64_t report_offset; /* where the report's file ended before the stop */
	bool is_decided, is_done;
};

static int readiness_server(struct drill_run *drill, struct text *error)
{
	const struct drill_run_order *order = drill->order;
	const char *health_url = order->is_control ? NULL : drill->options->health_url;
	int r = readiness_check_free(drill->options, order->server, drill->wait, order->url, error);

	if (r == 0)
		r = server_start(&drill->server, order->server, drill->wait, error);
	if (r == 0)
		r = readiness_open(&drill->readiness, drill->options, &drill->server, order->url,
			health_url, error);
	drill->run->has_health = r == 0 && health_url != NULL;
	return r;
}

static void on_end(void *user)
{
	struct drill_run *drill = user;

	if (drill->load == NULL)
		return;
	if (drill->server.was_killed) /* a deployment, which has failed */
		load_finish(drill->load);
	else
		load_target_exited(drill->load, drill->server.ended_us);
}

/* t0. In the loop, at the moment when the load is where it has to be. */
static void stop_now(struct drill_run *drill)
{
	struct stat status;

	if (drill->options->lastcall_report != NULL &&
		stat(drill->options->lastcall_report, &status) == 0)
		drill->report_offset = status.st_size;
	server_begin_stop(&drill->server);
	drill->is_decided = true;
	if (drill->load != NULL)
		load_stop_was_given(drill->load, drill->server.stopped_us);
	if (drill->run->has_health)
		readiness_watch(&drill->readiness, drill->server.stopped_us);
	progress_enter(drill->progress, PROGRESS_STOPPING, drill->load);
}

static void on_ready(void *user)
{
	stop_now(user);
}

/* It is stopped all the same: some numbers are better than none, and the verdict says what they are
 * worth. */
static void on_unready(void *user, const char *reason)
{
	struct drill_run *drill = user;

	(void)snprintf(drill->run->error, sizeof(drill->run->error), "%s", reason);
	stop_now(drill);
}

static void on_done(void *user)
{
	struct drill_run *drill = user;

	drill->is_done = true;
}

static void set_load(struct drill_run *drill, struct load_settings *settings)
{
	const struct drill_options *options = drill->options;

	load_settings_init(settings, &drill->readiness.target);
	settings->server = server_process_id(&drill->server);
	settings->form = options->form;
	settings->expect_body = options->expect_body;
	memcpy(settings->in_flight, options->in_flight, sizeof(settings->in_flight));
	settings->in_flight_kinds = options->in_flight_kinds;
	settings->keep_alive =
		(struct load_request){.connections = options->keep_alive, .pattern = options->body};
	memcpy(settings->keep_alive_offsets_us, options->keep_alive_offsets_us,
		sizeof(settings->keep_alive_offsets_us));
	settings->keep_alive_offset_count = options->keep_alive_offset_count;
	settings->fresh =
		(struct load_request){.connections = options->burst, .pattern = options->body};
	settings->fresh_per_s = options->new_per_s;
	settings->preconnected = options->preconnected;
	settings->goes_on = drill->run->is_deployment;
	settings->fresh_after_exit_us =
		settings->goes_on
			? LINGER_US
			: 0; /* what is sent to an address whose owner is gone may meet another */
	settings->response_timeout_us = options->response_timeout_us;
	settings->stall_timeout_us = options->stall_timeout_us;
	settings->ready_timeout_us = READY_TIMEOUT_US;
	settings->finish_timeout_us = options->stall_timeout_us + FLUSH_US;
}

static bool is_decided_or_ended(void *arg)
{
	const struct drill_run *drill = arg;

	return drill->is_decided || drill->server.has_ended;
}

/* Until the stop was asked for. */
static int put_under_load(struct drill_run *drill, struct text *error)
{
	const struct load_events events = {on_ready, on_unready, on_done, drill};
	struct load_settings settings;
	int r;

	set_load(drill, &settings);
	r = load_new(drill->wait->loop, &settings, &events, &drill->load);
	if (r == -EINVAL) { /* no cohort: the stop of a server without clients */
		drill->is_done = true;
		stop_now(drill);
		return 0;
	}
	if (r < 0) {
		text_printf(error, "cannot put it under load: %s%s", strerror(-r),
			r == -EMFILE ? "; raise 'ulimit -n', or ask for fewer connections" : "");
		return r;
	}
	drill->server.on_end = on_end;
	drill->server.user = drill;
	progress_enter(drill->progress, PROGRESS_LOADING, drill->load);
	load_start(drill->load);
	r = event_wait_until(
		drill->wait, is_decided_or_ended, drill, settings.ready_timeout_us + SECOND);
	if (r == -ETIMEDOUT) { /* the timer that decides had no turn */
		on_unready(drill, "this machine is too slow for so much load; give less, like a "
				  "lower --rate");
		r = 0;
	}
	if (r == 0 && !drill->is_decided) {
		server_add_early_end(&drill->server, "under load, before it was signalled", error);
		r = -ECHILD;
	}
	return r;
}

static bool has_ended_or_cannot(void *arg)
{
	const struct drill_run *drill = arg;

	return drill->server.has_ended || drill->server.stop_error[0] != '\0';
}

static bool is_done(void *arg)
{
	const struct drill_run *drill = arg;

	return drill->is_done;
}

/* Until the target has gone, and every attempt has come to its end. */
static int see_it_end(struct drill_run *drill)
{
	struct run *run = drill->run;
	int r = event_wait_until(drill->wait, has_ended_or_cannot, drill,
		drill->order->server->stop_timeout_us + KILL_TAKES_US);

	if (r == -EINTR)
		return r;
	if (drill->server.stop_error[0] != '\0' && !drill->server.has_ended)
		(void)snprintf(run->error, sizeof(run->error), "%s", drill->server.stop_error);
	progress_enter(drill->progress, PROGRESS_FINISHING, drill->load);
	if (drill->load == NULL)
		return 0;
	if (!drill->server.has_ended)
		load_finish(drill->load);
	run->linger = load_linger_us(drill->load);
	/* C goes on for a while, and what then is under way has its own limits: these are longer */
	r = event_wait_until(drill->wait, is_done, drill,
		drill->options->stall_timeout_us + FLUSH_US + 30 * SECOND + 2 * run->linger);
	if (r == -ETIMEDOUT)
		(void)snprintf(run->error, sizeof(run->error), "the load itself did not end");
	return r == -EINTR ? r : 0;
}

static int take_attempts(struct drill_run *drill)
{
	const struct attempt *attempts;
	struct run *run = drill->run;
	double *scratch;

	if (drill->load != NULL && drill->is_done) {
		attempts = load_attempts(drill->load, &run->attempt_count);
		run->attempts = calloc(run->attempt_count + 1, sizeof(*run->attempts));
		if (run->attempts == NULL)
			return -ENOMEM;
		if (run->attempt_count > 0)
			memcpy(run->attempts, attempts, run->attempt_count * sizeof(*attempts));
	}
	scratch = calloc(run->attempt_count + 1, sizeof(*scratch));
	if (scratch == NULL)
		return -ENOMEM;
	run_tally(run, scratch);
	free(scratch);
	return 0;
}

static void read_self_report(struct drill_run *drill)
{
	struct run *run = drill->run;

	if (drill->options->lastcall_report != NULL)
		(void)server_report_read(
			drill->options->lastcall_report, drill->report_offset, &run->server);
	else if (!server_report_find(server_err(&drill->server), &run->server))
		(void)server_report_find(server_out(&drill->server), &run->server);
	disagreements_find(run);
}

/* 0: the engine or a command line chose it. */
static int sent_signal(const struct drill_run *drill)
{
	const struct server_settings *settings = drill->order->server;

	if (settings->stop_signal > 0)
		return settings->stop_signal;
	return drill->server.type == &server_process && settings->stop_line == NULL ? SIGTERM : 0;
}

static int gather(struct drill_run *drill, struct text *error)
{
	struct run *run = drill->run;
	int r;

	server_collect(&drill->server);
	run->exit = drill->server.exit_state;
	run->stop_signal = sent_signal(drill);
	run->processes_left = server_count_left(&drill->server);
	if (drill->server.has_ended && drill->server.type != &server_container)
		run->still_answers = run->is_deployment
					     ? readiness_answers_well(&drill->readiness)
					     : readiness_still_answers(&drill->readiness);
	if (drill->wait->interrupted_by != 0)
		return -EINTR; /* which cut these two short: neither is known */
	run->stopped_unix_ms = drill->server.stopped_unix_ms;
	if (drill->server.has_ended)
		run->marks[MARK_EXIT] = drill->server.ended_us - drill->server.stopped_us;
	if (drill->readiness.unhealthy_us != INT64_MAX)
		run->marks[MARK_UNHEALTHY] =
			drill->readiness.unhealthy_us - drill->server.stopped_us;
	r = take_attempts(drill);
	if (r < 0)
		text_add(error, "no memory for the attempts");
	else if (!run->is_deployment) /* whose command may show the report of one server of many */
		read_self_report(drill);
	return r;
}

static void init_run(struct drill_run *drill)
{
	const struct drill_options *options = drill->options;
	struct run *run = drill->run;

	*run = (struct run){
		.number = run->number,
		.stop_timeout_s = (double)drill->order->server->stop_timeout_us / 1e6,
		.min_drain_s = options->min_drain_s,
		.lb_window_s = options->lb_window_s,
		.is_deployment = drill->order->server->kind == SERVER_DEPLOYMENT,
		.expect_status = options->expect_status,
		.expects_body = options->expect_body != NULL,
		.processes_left = -1,
		.in_flight_asked = options->in_flight_requests,
		.exit = {.code = -1},
	};
	for (int i = 0; i < RUN_MARK_COUNT; i++)
		run->marks[i] = DRILL_NEVER;
	run->marks[MARK_SIGNAL] = 0;
	run->marks[MARK_DEADLINE] = drill->order->server->stop_timeout_us;
}

static void close_all(struct drill_run *drill)
{
	server_end(&drill->server);
	if (drill->load != NULL)
		load_free(drill->load);
	readiness_close(&drill->readiness);
}

static void show_output(struct drill_run *drill)
{
	progress_clear(drill->progress);
	(void)fputs(server_out(&drill->server), stderr);
	(void)fputs(server_err(&drill->server), stderr);
}

int drill_run_execute(const struct drill_run_order *order, struct event_wait *wait,
	struct progress *progress, struct run *run, struct text *error)
{
	struct drill_run drill = {
		.order = order,
		.options = order->options,
		.wait = wait,
		.progress = progress,
		.run = run,
	};
	int r;

	init_run(&drill);
	r = readiness_server(&drill, error);
	if (r == 0)
		r = put_under_load(&drill, error);
	if (r == 0)
		r = see_it_end(&drill);
	if (r == 0)
		r = gather(&drill, error);
	if (order->options->verbose)
		show_output(&drill);
	close_all(&drill);
	return r;
}

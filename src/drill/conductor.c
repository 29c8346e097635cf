/* SPDX-License-Identifier: MIT */
#include "drill/conductor.h"

#include "drill/core/server_word.h"
#include "drill/core/tally.h"
#include "drill/load.h"
#include "drill/reach.h"
#include "drill/server_report.h"
#include "sys/monoclock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SECOND INT64_C(1000000)
#define READY_TIMEOUT_US (10 * SECOND) /* who is not busy by then will not be */
#define KILL_TAKES_US                                                                              \
	(20 * SECOND) /* after the stop timeout: an engine's SIGKILL, and its clean-up */
#define FLUSH_US (10 * SECOND) /* what the kernel still has after the exit may take so long */

/* Everything that one run has open. */
struct conductor {
	const struct conductor_order *order;
	const struct drill_options *options;
	struct waiter *waiter;
	struct progress *progress;
	struct run *run;
	struct server server;
	struct reach reach;
	struct load *load;
	int64_t report_offset; /* where the report's file ended before the stop */
	bool is_decided, is_done;
};

static int reach_server(struct conductor *conductor, struct text *error)
{
	const struct conductor_order *order = conductor->order;
	const char *health_url = order->is_control ? NULL : conductor->options->health_url;
	int r = reach_check_free(
		conductor->options, order->server, conductor->waiter, order->url, error);

	if (r == 0)
		r = server_start(&conductor->server, order->server, conductor->waiter, error);
	if (r == 0)
		r = reach_open(&conductor->reach, conductor->options, &conductor->server,
			order->url, health_url, error);
	conductor->run->has_health = r == 0 && health_url != NULL;
	return r;
}

static void on_end(void *user)
{
	struct conductor *conductor = user;

	if (conductor->load != NULL)
		load_target_exited(conductor->load, conductor->server.ended_us);
}

/* t0. In the loop, at the moment when the load is where it has to be. */
static void stop_now(struct conductor *conductor)
{
	struct stat status;

	if (conductor->options->lastcall_report != NULL &&
		stat(conductor->options->lastcall_report, &status) == 0)
		conductor->report_offset = status.st_size;
	server_begin_stop(&conductor->server);
	conductor->is_decided = true;
	if (conductor->load != NULL)
		load_stop_was_given(conductor->load, conductor->server.stopped_us);
	if (conductor->run->has_health)
		reach_watch(&conductor->reach, conductor->server.stopped_us);
	progress_enter(conductor->progress, PROGRESS_STOPPING, conductor->load);
}

static void on_ready(void *user)
{
	stop_now(user);
}

/* It is stopped all the same: some numbers are better than none, and the verdict says what they are
 * worth. */
static void on_unready(void *user, const char *reason)
{
	struct conductor *conductor = user;

	(void)snprintf(conductor->run->error, sizeof(conductor->run->error), "%s", reason);
	stop_now(conductor);
}

static void on_done(void *user)
{
	struct conductor *conductor = user;

	conductor->is_done = true;
}

static void set_load(struct conductor *conductor, struct load_settings *settings)
{
	const struct drill_options *options = conductor->options;

	load_settings_init(settings, &conductor->reach.target);
	settings->headers = options->headers[0] != '\0' ? options->headers : NULL;
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
	settings->response_timeout_us = options->response_timeout_us;
	settings->stall_timeout_us = options->stall_timeout_us;
	settings->ready_timeout_us = READY_TIMEOUT_US;
	settings->finish_timeout_us = options->stall_timeout_us + FLUSH_US;
}

static bool is_decided_or_ended(void *arg)
{
	const struct conductor *conductor = arg;

	return conductor->is_decided || conductor->server.has_ended;
}

/* Until the stop was asked for. */
static int put_under_load(struct conductor *conductor, struct text *error)
{
	const struct load_events events = {on_ready, on_unready, on_done, conductor};
	struct load_settings settings;
	int r;

	set_load(conductor, &settings);
	r = load_new(conductor->waiter->loop, &settings, &events, &conductor->load);
	if (r == -EINVAL) { /* no cohort: the stop of a server that nobody uses */
		conductor->is_done = true;
		stop_now(conductor);
		return 0;
	}
	if (r < 0) {
		text_printf(error, "cannot put it under load: %s%s", strerror(-r),
			r == -EMFILE ? "; raise 'ulimit -n', or ask for fewer connections" : "");
		return r;
	}
	conductor->server.on_end = on_end;
	conductor->server.user = conductor;
	progress_enter(conductor->progress, PROGRESS_LOADING, conductor->load);
	load_start(conductor->load);
	r = waiter_wait(conductor->waiter, is_decided_or_ended, conductor,
		settings.ready_timeout_us + SECOND);
	if (r == 0 && !conductor->is_decided) {
		server_add_early_end(
			&conductor->server, "under load, before it was told to stop", error);
		r = -ECHILD;
	}
	return r;
}

static bool has_ended_or_cannot(void *arg)
{
	const struct conductor *conductor = arg;

	return conductor->server.has_ended || conductor->server.stop_error[0] != '\0';
}

static bool is_done(void *arg)
{
	const struct conductor *conductor = arg;

	return conductor->is_done;
}

/* Until the target has gone, and every attempt has come to its end. */
static int see_it_end(struct conductor *conductor)
{
	struct run *run = conductor->run;
	int r = waiter_wait(conductor->waiter, has_ended_or_cannot, conductor,
		conductor->order->server->stop_timeout_us + KILL_TAKES_US);

	if (r == -EINTR)
		return r;
	if (conductor->server.stop_error[0] != '\0' && !conductor->server.has_ended)
		(void)snprintf(run->error, sizeof(run->error), "%s", conductor->server.stop_error);
	progress_enter(conductor->progress, PROGRESS_FINISHING, conductor->load);
	if (conductor->load == NULL)
		return 0;
	if (!conductor->server.has_ended)
		load_finish(conductor->load);
	/* C goes on for a while, and what then is under way has its own limits: these are longer */
	r = waiter_wait(conductor->waiter, is_done, conductor,
		conductor->options->stall_timeout_us + FLUSH_US + 30 * SECOND);
	if (r == -ETIMEDOUT)
		(void)snprintf(run->error, sizeof(run->error), "the load itself did not end");
	return r == -EINTR ? r : 0;
}

static int take_attempts(struct conductor *conductor)
{
	const struct attempt *attempts;
	struct run *run = conductor->run;
	double *scratch;

	if (conductor->load != NULL && conductor->is_done) {
		attempts = load_attempts(conductor->load, &run->attempt_count);
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

static void read_server_word(struct conductor *conductor)
{
	struct run *run = conductor->run;

	if (conductor->options->lastcall_report != NULL)
		(void)server_report_read(conductor->options->lastcall_report,
			conductor->report_offset, &run->server);
	else if (!server_report_find(server_err(&conductor->server), &run->server))
		(void)server_report_find(server_out(&conductor->server), &run->server);
	server_word_compare(run);
}

static int gather(struct conductor *conductor, struct text *error)
{
	struct run *run = conductor->run;
	int r;

	server_collect(&conductor->server);
	run->exit = conductor->server.exit_state;
	run->stopped_unix_ms = conductor->server.stopped_unix_ms;
	if (conductor->server.has_ended)
		run->marks[MARK_EXIT] = conductor->server.ended_us - conductor->server.stopped_us;
	if (conductor->reach.unhealthy_us != INT64_MAX)
		run->marks[MARK_UNHEALTHY] =
			conductor->reach.unhealthy_us - conductor->server.stopped_us;
	r = take_attempts(conductor);
	if (r < 0)
		text_add(error, "no memory for the attempts");
	else
		read_server_word(conductor);
	return r;
}

static void init_run(struct conductor *conductor)
{
	const struct drill_options *options = conductor->options;
	struct run *run = conductor->run;

	*run = (struct run){
		.number = run->number,
		.stop_timeout_s = (double)conductor->order->server->stop_timeout_us / 1e6,
		.min_drain_s = options->min_drain_s,
		.lb_window_s = options->lb_window_s,
		.in_flight_asked = options->in_flight_requests,
		.exit = {.code = -1},
	};
	for (int i = 0; i < RUN_MARK_COUNT; i++)
		run->marks[i] = DRILL_NEVER;
	run->marks[MARK_SIGNAL] = 0;
	run->marks[MARK_DEADLINE] = conductor->order->server->stop_timeout_us;
}

static void close_all(struct conductor *conductor)
{
	server_end(&conductor->server);
	if (conductor->load != NULL)
		load_free(conductor->load);
	reach_close(&conductor->reach);
}

static void show_words(struct conductor *conductor)
{
	progress_clear(conductor->progress);
	(void)fputs(server_out(&conductor->server), stderr);
	(void)fputs(server_err(&conductor->server), stderr);
}

int conductor_run(const struct conductor_order *order, struct waiter *waiter,
	struct progress *progress, struct run *run, struct text *error)
{
	struct conductor conductor = {
		.order = order,
		.options = order->options,
		.waiter = waiter,
		.progress = progress,
		.run = run,
	};
	int r;

	init_run(&conductor);
	r = reach_server(&conductor, error);
	if (r == 0)
		r = put_under_load(&conductor, error);
	if (r == 0)
		r = see_it_end(&conductor);
	if (r == 0)
		r = gather(&conductor, error);
	if (order->options->verbose)
		show_words(&conductor);
	close_all(&conductor);
	return r;
}

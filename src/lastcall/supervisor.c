/* SPDX-License-Identifier: MIT */
#include "lastcall/supervisor.h"

#include "core/text/duration.h"
#include "core/cli/options.h"
#include "lastcall/app_check.h"
#include "lastcall/health_answers.h"
#include "lastcall/http_server.h"
#include "lastcall/loop.h"
#include "lastcall/status_answers.h"
#include "lastcall/stop.h"
#include "lastcall/stop_end.h"
#include "lastcall/stop_signals.h"
#include "lastcall/task_labels.h"
#include "lastcall/task_protection.h"
#include "lastcall/turn.h"
#include "sys/monoclock.h"
#include "sys/zero_pages.h"

#include <errno.h>
#include <ev.h>
#include <signal.h>

#define SIGNALS_AT_ONCE 16
#define BATCHES_AT_ONCE 8 /* a flood of signals must not keep us from the clock */

struct supervisor {
	struct loop loop;
	struct stop stop;
	struct turn turn;
	struct app_check *check;
	struct supervisor_setup setup;
	ev_io signals_watcher;
	struct health_answers answers;
	struct status_answers status;
	struct stop_end end;
	struct task_labels task_labels;

	/* large ones: their pages are not used before their content is needed */
	struct task_protection protection; /* with --protect */
	struct http_server http;
};

/* ---- signals ---- */

/* Where there is no time to drain, only the first stop signal begins something. */
static void take_signal(struct supervisor *s, const struct signal_received *received)
{
	bool is_first = s->stop.stop_signals == 0, is_stop;

	if (received->number == SIGCHLD) {
		turn_reap(&s->turn);
		return;
	}
	is_stop = stop_signals_begins(&s->stop, received->number);
	if (is_stop)
		stop_signals_take(&s->stop, received);
	if (is_stop && is_first)
		s->turn.poll_is_old = true; /* also one of this very millisecond */
	if (!is_stop || (s->setup.budget->at_once && !is_first))
		app_forward(&s->stop.app, received);
}

/* Returns whether there were any. */
static bool take_signals(struct supervisor *s)
{
	struct signal_received received[SIGNALS_AT_ONCE];
	int count = SIGNALS_AT_ONCE, batch;

	for (batch = 0; batch < BATCHES_AT_ONCE && count == SIGNALS_AT_ONCE; batch++) {
		count = signals_read(s->setup.signal_fd, received, SIGNALS_AT_ONCE);
		for (int i = 0; i < count; i++) {
			take_signal(s, &received[i]);
		}
	}
	return batch > 1 || count > 0;
}

static void on_signals(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct supervisor *s = watcher->data;

	(void)events;
	loop_wait_for(loop, watcher, EV_READ); /* libev stops what epoll has no room for */
	(void)take_signals(s);
	turn_step(&s->turn);
}

static void on_news(void *arg)
{
	struct supervisor *s = arg;

	turn_step(&s->turn);
}

/* ---- life ---- */

static void watch_signals(struct supervisor *s)
{
	ev_io_init(&s->signals_watcher, on_signals, s->setup.signal_fd, EV_READ);
	s->signals_watcher.data = s;
	/* the end of a process, before the events of its sockets */
	ev_set_priority(&s->signals_watcher, EV_MAXPRI);
	ev_io_start(s->loop.ev, &s->signals_watcher);
}

static void init_turn(struct supervisor *s)
{
	s->turn.ev = s->loop.ev;
	s->turn.stop = &s->stop;
	s->turn.end = &s->end;
	s->turn.protection = &s->protection;
	turn_init(&s->turn);
}

static void stop_init(struct stop *stop, const struct supervisor_setup *setup)
{
	stop->options = setup->options;
	stop->container = setup->container;
	stop->labels = setup->options->labels;
	stop->log = setup->log;
	app_init(&stop->app, setup->options, NULL, setup->log);
	stop->notify.socket.fd = -1;
	stop_plan_init(&stop->plan, setup->budget, &setup->stop_settings);
	timeline_init(&stop->history.timeline);
	stop->history.idle_ms = stop->history.first_cut_at = MSEC_NEVER;
}

/* Field by field: its report stays untouched until the end. */
static void init_end(struct supervisor *s)
{
	s->end.stop = &s->stop;
	s->end.loop = s->loop.ev;
	s->end.http = &s->http;
	s->end.outputs = s->setup.reports;
	s->end.degraded = s->setup.degraded;
	s->end.is_subreaper = s->setup.is_subreaper;
	stop_end_init(&s->end);
}

static int open_notify(struct supervisor *s)
{
	struct notify *notify = &s->stop.notify;

	notify->on_news = on_news;
	notify->arg = s;
	return notify_init(notify, s->setup.options, s->loop.ev, &s->stop.app, s->check,
		s->setup.environment, s->setup.log);
}

/* For --protect, before a stop. */
static bool has_work_in_flight(void *arg, msec_t now)
{
	struct supervisor *s = arg;

	connection_watch_poll(s->stop.watch, now);
	notify_refresh_jobs(&s->stop.notify, false, now);
	return s->stop.notify.jobs.busy > 0 ||
	       connection_watch_tracker(s->stop.watch)->counts.held > 0;
}

static void init_protection(struct supervisor *s)
{
	if (!s->stop.options->protect)
		return;
	task_protection_init(&s->protection, s->loop.ev, s->setup.task_protection_uri,
		has_work_in_flight, s, s->stop.log);
	s->answers.protection = &s->protection;
}

/* For a supervisor that was set up in part. */
static void free_supervisor(struct supervisor *supervisor)
{
	notify_done(&supervisor->stop.notify);
	http_server_done(&supervisor->http);
	app_check_free(supervisor->check);
	task_labels_done(&supervisor->task_labels);
	connection_watch_free(supervisor->stop.watch);
	loop_close(&supervisor->loop);
	zero_pages_unmap(supervisor, sizeof *supervisor);
}

int supervisor_new(const struct supervisor_setup *setup, struct supervisor **ret_supervisor)
{
	struct supervisor *s = zero_pages_map(sizeof *s);
	struct http_server_setup http = {
		.health = {setup->options->health_path, setup->options->drain_status,
			msec_max(setup->budget->timeout, setup->budget->gone)},
		.status = health_answers_tell_status,
		.metrics = health_answers_tell_metrics,
		.arg = &s->answers,
		.page = status_answers_write,
		.page_arg = &s->status,
	};
	int r;

	if (s == NULL)
		return -ENOMEM;
	s->setup = *setup;
	stop_init(&s->stop, setup);
	r = loop_open(&s->loop, setup->signal_fd);
	if (r < 0) {
		zero_pages_unmap(s, sizeof *s);
		return r;
	}
	watch_signals(s);
	init_turn(s);
	init_end(s);
	r = connection_watch_new(
		setup->options, setup->budget, setup->health_port, setup->log, &s->stop.watch);
	if (r == 0)
		r = task_labels_init(&s->task_labels, s->loop.ev, setup->task_metadata_uri,
			&s->stop.labels, setup->log);
	if (r == 0)
		r = app_check_new(s->loop.ev, setup->options, s->stop.watch, setup->log, &s->check);
	s->turn.check = s->check;
	if (r == 0)
		r = open_notify(s);
	s->answers = (struct health_answers){.notify = &s->stop.notify,
		.plan = &s->stop.plan,
		.app = &s->stop.app,
		.labels = &s->stop.labels,
		.watch = s->stop.watch,
		.check = s->check};
	s->status = (struct status_answers){.stop = &s->stop, .check = s->check};
	init_protection(s);
	if (r == 0 && setup->listen_count > 0)
		r = http_server_init(
			&s->http, s->loop.ev, setup->listen_fds, setup->listen_count, &http);
	if (r < 0) {
		free_supervisor(s);
		return r;
	}
	*ret_supervisor = s;
	return 0;
}

int supervisor_run(struct supervisor *supervisor, char *const argv[], char **envp)
{
	struct supervisor *s = supervisor;
	char timeout[DURATION_TEXT_BYTES];
	bool has_signals;
	int failed = app_start(&s->stop.app, argv, notify_make_environment(&s->stop.notify, envp),
		s->setup.inherited);

	notify_free_environment(&s->stop.notify);
	if (failed != 0) {
		notify_done(&s->stop.notify);
		return failed;
	}

	/* From here on we are not allowed to fail. */
	log_hold(s->stop.log, LOG_INFO);
	s->status.command = argv;
	s->turn.started_at = s->turn.seen_at = s->turn.wakes_at = monoclock_now();
	s->answers.app_started_unix_ms = wallclock_unix_ms();
	log_event(s->stop.log, LOG_INFO, "started",
		"'%s' started as pid %d; stop timeout %s (%s), detector %s", argv[0],
		s->stop.app.pid, duration_text(timeout, s->stop.plan.budget.timeout),
		s->stop.plan.budget.timeout_source,
		report_detector_name(connection_watch_detector(s->stop.watch)));
	has_signals = take_signals(s);
	if (!app_is_gone(&s->stop.app)) { /* else there is nothing to watch any more */
		app_after_start(&s->stop.app, s->setup.reports);
		app_check_start(s->check, s->turn.started_at);
		task_labels_ask(&s->task_labels);
		if (s->stop.options->protect)
			task_protection_start(&s->protection);
	}
	if (has_signals)
		turn_step(&s->turn);
	else
		turn_wait(&s->turn, &(struct stop_facts){0}, s->turn.started_at);
	while (!stop_end_is_over(&s->end))
		ev_run(s->loop.ev, 0);
	app_give_terminal_back(&s->stop.app);
	notify_done(&s->stop.notify);
	return s->stop.plan.not_ready ? EXIT_STATUS_NOT_READY : app_exit_status(&s->stop.app);
}

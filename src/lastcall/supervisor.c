/* SPDX-License-Identifier: MIT */
#include "lastcall/supervisor.h"

#include "core/stop/stop_wakeup.h"
#include "core/text/duration.h"
#include "core/cli/options.h"
#include "lastcall/app_check.h"
#include "lastcall/end_diagnosis.h"
#include "lastcall/health_answers.h"
#include "lastcall/http_server.h"
#include "lastcall/job_watch.h"
#include "lastcall/loop.h"
#include "lastcall/status_answers.h"
#include "lastcall/stop.h"
#include "lastcall/stop_actions.h"
#include "lastcall/stop_begin.h"
#include "lastcall/stop_end.h"
#include "lastcall/stop_facts.h"
#include "lastcall/stop_log.h"
#include "lastcall/stop_signals.h"
#include "lastcall/task_labels.h"
#include "lastcall/task_protection.h"
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
	struct app_check *check;
	bool poll_is_old; /* something has changed that the last poll cannot have seen */
	msec_t started_at;
	bool is_settled; /* it listened before the last pass: it has got its user, too */

	struct supervisor_setup setup;
	ev_io signals_watcher, events_watcher, outside_watcher;
	ev_timer timer;
	struct task_labels task_labels;
	struct task_protection protection; /* with --protect */
	struct health_answers answers;
	struct status_answers status;
	struct stop_end end;
	struct http_server http;
};

static void reap(struct supervisor *s);

/* ---- the stop ---- */

/* When an application that is not ready is stopped; MSEC_NEVER once it was, or without a limit. */
static msec_t start_ends(const struct supervisor *s)
{
	if (app_check_was_ready(s->check))
		return MSEC_NEVER;
	return msec_max(msec_add(s->started_at, s->stop.options->start_timeout),
		s->stop.notify.extended_until);
}

static void note_in_timeline(struct supervisor *s, msec_t now)
{
	const struct conn_counts *counts = &connection_watch_tracker(s->stop.watch)->counts;

	timeline_add(
		&s->stop.history.timeline, now - s->stop.plan.started, counts->busy, counts->open);
}

static void begin_stop(struct supervisor *s, msec_t now)
{
	int events_fd;

	app_check_stop(s->check);
	if (s->stop.notify.jobs.stopped_at == MSEC_NEVER)
		jobs_begin_stop(&s->stop.notify.jobs, now);
	task_protection_stop(&s->protection);
	events_fd = stop_begin(&s->stop, app_check_state(s->check)->reason, now);
	if (events_fd >= 0) {
		ev_io_set(&s->events_watcher, events_fd, EV_READ);
		ev_io_start(s->loop.ev, &s->events_watcher);
	}
	note_in_timeline(s, now);
}

static msec_t next_wakeup(const struct supervisor *s, const struct stop_facts *facts, msec_t now)
{
	const struct stop_wakeup_facts wakeup = {
		.app_started_at = s->started_at,
		.start_ends = start_ends(s),
		.app_listens = connection_watch_app_listens(s->stop.watch),
		.is_settled = s->is_settled,
		.next_poll = connection_watch_next_poll(s->stop.watch),
		.next_outside_poll = outside_next_poll(&s->stop.app.outside),
		.plain_signal_at = stop_signals_plain_at(&s->stop),
		.next_progress = stop_log_next_progress(&s->stop),
		.has_jobs = s->stop.notify.jobs.busy > 0,
		.is_poll_old = s->poll_is_old,
		.is_reported = s->end.is_reported,
		.finish_by = s->end.finish_by,
	};

	return stop_wakeup_at(&s->stop.plan, facts, &wakeup, now);
}

static void arm_timer(struct supervisor *s, const struct stop_facts *facts, msec_t now)
{
	msec_t at = next_wakeup(s, facts, now);

	if (at == MSEC_NEVER) {
		ev_timer_stop(s->loop.ev, &s->timer);
		return;
	}
	ev_now_update(s->loop.ev);
	s->timer.repeat = (double)msec_max(msec_left(at, now), 1) / 1000.0;
	ev_timer_again(s->loop.ev, &s->timer);
}

static void poll_if_due(struct supervisor *s, msec_t now)
{
	if (!s->poll_is_old && now < connection_watch_next_poll(s->stop.watch))
		return;
	connection_watch_poll(s->stop.watch, now);
	s->poll_is_old &= connection_watch_polled_at(s->stop.watch) < now; /* it may have failed */
	note_in_timeline(s, now);
}

/* Processes from outside matter when the main process has ended. What they leave are our children, so that
 * reaping comes after the poll. */
static void poll_outside_if_due(struct supervisor *s, msec_t now)
{
	struct outside *outside = &s->stop.app.outside;
	/* not while there are children: a fork bomb leaves no time for it */
	bool is_killing = s->stop.plan.state == STOP_KILLING && !s->stop.app.others_left;

	if (s->stop.plan.state >= STOP_FLUSHING || app_main_is_alive(&s->stop.app) ||
		(!outside->is_old && !is_killing && now < outside_next_poll(outside)))
		return;
	outside_poll(outside, s->stop.app.others_left, now);
	if (outside->pidfd >= 0 && !ev_is_active(&s->outside_watcher)) {
		ev_io_set(&s->outside_watcher, outside->pidfd, EV_READ);
		ev_io_start(s->loop.ev, &s->outside_watcher);
	}
	reap(s);
}

/* What is true now. Before something is done because nothing is in flight, all connections are polled: a request
 * may have come since the last poll. */
static struct stop_facts gather_facts(struct supervisor *s, msec_t now)
{
	const msec_t start = start_ends(s);
	struct stop_facts facts = stop_facts_gather(&s->stop, s->poll_is_old, start, now);
	enum stop_reliance reliance = STOP_RELIES_TO_ACT;

	if (s->stop.plan.state == STOP_SERVING)
		return facts;
	if (now < stop_signals_plain_at(&s->stop))
		reliance = stop_plan_relies_on_idleness(&s->stop.plan, &facts, now);
	if (reliance == STOP_RELIES_ON_NOTHING)
		return facts;
	if (!connection_watch_confirm(s->stop.watch, now))
		return reliance == STOP_RELIES_TO_ACT ? stop_facts_doubted(&facts) : facts;
	notify_read(&s->stop.notify);
	note_in_timeline(s, now);
	return stop_facts_gather(&s->stop, s->poll_is_old, start, now);
}

/* Polls, lets the plan decide, and acts. Returns whether to poll again at once: when the plan has entered another
 * state, for what was seen before says nothing about that one. */
static bool pass(struct supervisor *s)
{
	msec_t now = monoclock_now();
	enum stop_state before = s->stop.plan.state;
	bool listened = connection_watch_app_listens(s->stop.watch);
	struct stop_facts facts;
	unsigned actions;

	if (before == STOP_DONE) {
		stop_end_conclude(&s->end, now);
		arm_timer(s, NULL, now);
		return false;
	}
	if (before != STOP_SERVING)
		poll_if_due(s, now);
	else if (s->stop.stop_signals == 0 && app_main_is_alive(&s->stop.app) && !listened &&
		 connection_watch_listeners_changed(s->stop.watch))
		app_check_refresh(s->check, now); /* says so when it is ready */
	if (connection_watch_has_listened(s->stop.watch))
		log_release(s->stop.log);
	if (before == STOP_SERVING && s->stop.stop_signals == 0 && !s->is_settled &&
		app_main_is_alive(&s->stop.app))
		stop_log_may_not_signal(&s->stop);
	s->is_settled = listened;
	end_diagnosis_note_cut(&s->stop, now);
	if (before == STOP_SERVING && !app_main_is_alive(&s->stop.app)) {
		notify_read(&s->stop.notify);
		jobs_begin_stop(&s->stop.notify.jobs, now); /* with those of a crash */
	}
	notify_refresh_jobs(&s->stop.notify, s->stop.app.killed_all, now);
	poll_outside_if_due(s, now);
	facts = gather_facts(s, now);
	actions = stop_plan_step(&s->stop.plan, &facts, now);
	if (before == STOP_SERVING && s->stop.plan.state != STOP_SERVING)
		begin_stop(s, now); /* before the application is signalled: no end is missed */
	stop_actions_do(&s->stop, actions, now);
	stop_actions_send_plain_signal(&s->stop, now);
	if (s->stop.plan.state == before) {
		stop_log_doubt(&s->stop, now);
		stop_log_progress(&s->stop, now);
	}
	if (s->stop.plan.state == STOP_DONE)
		stop_end_conclude(&s->end, now);
	if (s->stop.plan.state != before && s->stop.plan.state != STOP_DONE) {
		/* the poll with which the stop began counts, unless the application was signalled after it */
		s->poll_is_old = before != STOP_SERVING || s->stop.plan.state == STOP_TERMINATING ||
				 connection_watch_polled_at(s->stop.watch) < now;
		if (!(actions & STOP_DO_SIGNAL_MAIN))
			return true;
	}
	arm_timer(s, &facts, now);
	return false;
}

static void step(struct supervisor *s)
{
	connection_watch_begin_turn(s->stop.watch);
	while (pass(s))
		;
}

/* ---- signals ---- */

static void reap(struct supervisor *s)
{
	bool was_alive = app_main_is_alive(&s->stop.app), all_gone = app_reap(&s->stop.app);

	if (was_alive && !app_main_is_alive(&s->stop.app)) {
		end_diagnosis_note_exit(&s->stop, monoclock_now());
		stop_log_in_background(&s->stop);
	}
	if (!all_gone)
		return;
	s->poll_is_old = true; /* what the last process has left in its sockets is yet to be seen */
	connection_watch_app_ended(s->stop.watch);
}

/* Where there is no time to drain, only the first stop signal begins something. */
static void take_signal(struct supervisor *s, const struct signal_received *received)
{
	bool is_first = s->stop.stop_signals == 0, is_stop;

	if (received->number == SIGCHLD) {
		reap(s);
		return;
	}
	is_stop = stop_signals_begins(&s->stop, received->number);
	if (is_stop)
		stop_signals_take(&s->stop, received);
	if (is_stop && is_first)
		s->poll_is_old = true; /* also one of this very millisecond */
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
	(void)loop;
	(void)events;
	(void)take_signals(watcher->data);
	step(watcher->data);
}

static void on_timer(struct ev_loop *loop, ev_timer *watcher, int events)
{
	(void)loop;
	(void)events;
	step(watcher->data);
}

static void on_events(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct supervisor *s = watcher->data;

	(void)loop;
	(void)events;
	connection_watch_read_events(s->stop.watch, monoclock_now());
	step(s);
}

static void on_news(void *arg)
{
	step(arg);
}

static void on_outside_end(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct supervisor *s = watcher->data;

	(void)events;
	ev_io_stop(loop, watcher);
	outside_note_end(&s->stop.app.outside);
	step(s);
}

/* ---- life ---- */

static void init_watchers(struct supervisor *s)
{
	ev_io_init(&s->signals_watcher, on_signals, s->setup.signal_fd, EV_READ);
	ev_io_init(&s->events_watcher, on_events, -1, EV_READ);
	ev_io_init(&s->outside_watcher, on_outside_end, -1, EV_READ);
	ev_timer_init(&s->timer, on_timer, 0., 0.);
	s->signals_watcher.data = s;
	s->events_watcher.data = s;
	s->outside_watcher.data = s;
	s->timer.data = s;
	/* the end of a process, before the events of its sockets */
	ev_set_priority(&s->signals_watcher, EV_MAXPRI);
	ev_io_start(s->loop.ev, &s->signals_watcher);
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
	init_watchers(s);
	init_end(s);
	r = connection_watch_new(
		setup->options, setup->budget, setup->health_port, setup->log, &s->stop.watch);
	if (r == 0)
		r = task_labels_init(&s->task_labels, s->loop.ev, setup->task_metadata_uri,
			&s->stop.labels, setup->log);
	if (r == 0)
		r = app_check_new(s->loop.ev, setup->options, s->stop.watch, setup->log, &s->check);
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
		supervisor_free(s);
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
	s->started_at = monoclock_now();
	s->answers.app_started_unix_ms = wallclock_unix_ms();
	log_event(s->stop.log, LOG_INFO, "started",
		"'%s' started as pid %d; stop timeout %s (%s), detector %s", argv[0],
		s->stop.app.pid, duration_text(timeout, s->stop.plan.budget.timeout),
		s->stop.plan.budget.timeout_source,
		report_detector_name(connection_watch_detector(s->stop.watch)));
	has_signals = take_signals(s);
	if (!app_is_gone(&s->stop.app)) { /* else there is nothing to watch any more */
		app_after_start(&s->stop.app, s->setup.reports);
		app_check_start(s->check, s->started_at);
		task_labels_ask(&s->task_labels);
		if (s->stop.options->protect)
			task_protection_start(&s->protection);
	}
	if (has_signals)
		step(s);
	else
		arm_timer(s, &(struct stop_facts){0}, s->started_at);
	while (!stop_end_is_over(&s->end))
		ev_run(s->loop.ev, 0);
	app_give_terminal_back(&s->stop.app);
	notify_done(&s->stop.notify);
	return s->stop.plan.not_ready ? EXIT_STATUS_NOT_READY : app_exit_status(&s->stop.app);
}

void supervisor_free(struct supervisor *supervisor)
{
	if (supervisor == NULL)
		return;
	notify_done(&supervisor->stop.notify);
	http_server_done(&supervisor->http);
	app_check_free(supervisor->check);
	task_labels_done(&supervisor->task_labels);
	connection_watch_free(supervisor->stop.watch);
	loop_close(&supervisor->loop);
	zero_pages_unmap(supervisor, sizeof *supervisor);
}

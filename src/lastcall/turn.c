/* SPDX-License-Identifier: MIT */
#include "lastcall/turn.h"

#include "core/stop/stop_wakeup.h"
#include "lastcall/end_diagnosis.h"
#include "lastcall/stop_actions.h"
#include "lastcall/stop_begin.h"
#include "lastcall/stop_facts.h"
#include "lastcall/stop_log.h"
#include "lastcall/stop_signals.h"
#include "sys/monoclock.h"

/* When an application that is not ready is stopped; MSEC_NEVER once it was, or without a limit. */
static msec_t start_ends(const struct turn *t)
{
	if (app_check_was_ready(t->check))
		return MSEC_NEVER;
	return stop_plan_start_ends(
		&t->stop->plan, msec_max(msec_add(t->started_at, t->stop->options->start_timeout),
					t->stop->notify.extended_until));
}

static void note_in_timeline(struct turn *t, msec_t now)
{
	const struct conn_counts *counts = &connection_watch_tracker(t->stop->watch)->counts;

	timeline_add(&t->stop->history.timeline, now - t->stop->plan.started, counts->busy,
		counts->open);
}

static void begin_stop(struct turn *t, msec_t now)
{
	int events_fd;

	app_check_stop(t->check);
	if (t->stop->notify.jobs.stopped_at == MSEC_NEVER)
		jobs_begin_stop(&t->stop->notify.jobs, now);
	task_protection_stop(t->protection);
	events_fd = stop_begin(t->stop, app_check_state(t->check)->reason, now);
	if (events_fd >= 0) {
		ev_io_set(&t->events_watcher, events_fd, EV_READ);
		ev_io_start(t->ev, &t->events_watcher);
	}
	note_in_timeline(t, now);
}

static msec_t next_wakeup(
	const struct turn *t, const struct stop_facts *facts, msec_t now, msec_t over_at)
{
	const struct stop_wakeup_facts wakeup = {
		.over_at = over_at,
		.app_started_at = t->started_at,
		.start_ends = start_ends(t),
		.app_listens = connection_watch_app_listens(t->stop->watch),
		.is_settled = t->is_settled,
		.next_poll = connection_watch_next_poll(t->stop->watch),
		.next_outside_poll = outside_next_poll(&t->stop->app.outside),
		.plain_signal_at = stop_signals_plain_at(t->stop),
		.next_progress = stop_log_next_progress(t->stop),
		.has_jobs = t->stop->notify.jobs.busy > 0,
		.is_poll_old = t->poll_is_old,
		.is_reported = t->end->is_reported,
		.finish_by = t->end->finish_by,
	};

	return stop_wakeup_at(&t->stop->plan, facts, &wakeup, now);
}

/* A freeze may begin within a turn as well as between two. */
static void note_late(struct turn *t, msec_t now)
{
	stop_plan_note_late(&t->stop->plan, t->seen_at, t->wakes_at, now);
	t->seen_at = t->wakes_at = now;
}

void turn_wait(struct turn *t, const struct stop_facts *facts, msec_t now)
{
	msec_t over_at = monoclock_now(), at; /* a poll may have taken 50 ms */

	note_late(t, over_at);
	at = next_wakeup(t, facts, now, over_at);
	t->wakes_at = at == MSEC_NEVER ? MSEC_NEVER : msec_max(at, over_at);
	if (at == MSEC_NEVER) {
		ev_timer_stop(t->ev, &t->timer);
		return;
	}
	ev_now_update(t->ev);
	t->timer.repeat = (double)msec_max(msec_left(at, over_at), 1) / 1000.0;
	ev_timer_again(t->ev, &t->timer);
}

static void poll_if_due(struct turn *t, msec_t now)
{
	if (!t->poll_is_old && now < connection_watch_next_poll(t->stop->watch))
		return;
	connection_watch_poll(t->stop->watch, now);
	t->poll_is_old &= connection_watch_polled_at(t->stop->watch) < now; /* it may have failed */
	note_in_timeline(t, now);
}

void turn_reap(struct turn *t)
{
	bool was_alive = app_main_is_alive(&t->stop->app), all_gone;

	if (was_alive) /* what the main process said before its end comes before its end: MAINPID */
		notify_read(&t->stop->notify);
	all_gone = app_reap(&t->stop->app);
	if (was_alive && !app_main_is_alive(&t->stop->app)) {
		end_diagnosis_note_exit(t->stop, monoclock_now());
		stop_log_in_background(t->stop);
	}
	if (!all_gone)
		return;
	t->poll_is_old = true; /* what the last process has left in its sockets is yet to be seen */
	connection_watch_app_ended(t->stop->watch);
}

/* Processes from outside matter when the main process has ended. What they leave are our children, so that
 * reaping comes after the poll. */
static void poll_outside_if_due(struct turn *t, msec_t now)
{
	struct outside *outside = &t->stop->app.outside;
	/* not while there are children: a fork bomb leaves no time for it */
	bool is_killing = t->stop->plan.state == STOP_KILLING && !t->stop->app.others_left;

	if (t->stop->plan.state >= STOP_FLUSHING || app_main_is_alive(&t->stop->app) ||
		(!outside->is_old && !is_killing && now < outside_next_poll(outside)))
		return;
	outside_poll(outside, t->stop->app.others_left, now);
	if (outside->pidfd >= 0 && !ev_is_active(&t->outside_watcher)) {
		ev_io_set(&t->outside_watcher, outside->pidfd, EV_READ);
		ev_io_start(t->ev, &t->outside_watcher);
	}
	turn_reap(t);
}

/* What is true now. Before something is done because nothing is in flight, all connections are polled: a request
 * may have come since the last poll. */
static struct stop_facts gather_facts(struct turn *t, msec_t now)
{
	const msec_t start = start_ends(t);
	struct stop_facts facts = stop_facts_gather(t->stop, t->poll_is_old, start, now);
	enum stop_reliance reliance = STOP_RELIES_TO_ACT;

	if (t->stop->plan.state == STOP_SERVING)
		return facts;
	if (now < stop_signals_plain_at(t->stop))
		reliance = stop_plan_relies_on_idleness(&t->stop->plan, &facts, now);
	if (reliance == STOP_RELIES_ON_NOTHING)
		return facts;
	if (!connection_watch_confirm(t->stop->watch, now))
		return reliance == STOP_RELIES_TO_ACT ? stop_facts_doubted(&facts) : facts;
	notify_read(&t->stop->notify);
	note_in_timeline(t, now);
	return stop_facts_gather(t->stop, t->poll_is_old, start, now);
}

/* What there is to say of an application that has begun to listen. */
static void watch_start(struct turn *t, bool listened, msec_t now)
{
	const bool is_serving = t->stop->plan.state == STOP_SERVING && t->stop->stop_signals == 0 &&
				app_main_is_alive(&t->stop->app);

	if (is_serving && !listened && connection_watch_listeners_changed(t->stop->watch))
		app_check_refresh(t->check, now); /* says so when it is ready */
	if (connection_watch_has_listened(t->stop->watch))
		log_release(t->stop->log);
	if (is_serving && !t->is_settled)
		stop_log_may_not_signal(t->stop);
	t->is_settled = listened;
}

/* Polls, lets the plan decide, and acts. Returns whether to poll again at once: when the plan has entered another
 * state, for what was seen before says nothing about that one. */
static bool pass(struct turn *t)
{
	msec_t now = monoclock_now();
	enum stop_state before = t->stop->plan.state;
	bool listened = connection_watch_app_listens(t->stop->watch);
	struct stop_facts facts;
	unsigned actions;

	note_late(t, now);
	if (before == STOP_DONE) {
		stop_end_conclude(t->end, now);
		turn_wait(t, NULL, now);
		return false;
	}
	if (before != STOP_SERVING)
		poll_if_due(t, now);
	watch_start(t, listened, now);
	end_diagnosis_note_cut(t->stop, now);
	if (before == STOP_SERVING && !app_main_is_alive(&t->stop->app)) {
		notify_read(&t->stop->notify);
		jobs_begin_stop(&t->stop->notify.jobs, now); /* with those of a crash */
	}
	notify_refresh_jobs(&t->stop->notify, t->stop->app.killed_all, now);
	poll_outside_if_due(t, now);
	facts = gather_facts(t, now);
	actions = stop_plan_step(&t->stop->plan, &facts, now);
	if (before == STOP_SERVING && t->stop->plan.state != STOP_SERVING)
		begin_stop(t, now); /* before the application is signalled: no end is missed */
	stop_actions_do(t->stop, actions, now);
	stop_actions_send_plain_signal(t->stop, now);
	if (t->stop->plan.state == before) {
		stop_log_doubt(t->stop, now);
		stop_log_progress(t->stop, now);
	}
	if (t->stop->plan.state == STOP_DONE)
		stop_end_conclude(t->end, now);
	if (t->stop->plan.state != before && t->stop->plan.state != STOP_DONE) {
		/* the poll with which the stop began counts, unless the application was signalled after it */
		t->poll_is_old = before != STOP_SERVING ||
				 t->stop->plan.state == STOP_TERMINATING ||
				 connection_watch_polled_at(t->stop->watch) < now;
		if (!(actions & STOP_DO_SIGNAL_MAIN))
			return true;
	}
	turn_wait(t, &facts, now);
	return false;
}

void turn_step(struct turn *t)
{
	msec_t begun_at = monoclock_now();

	connection_watch_note_late(t->stop->watch, t->wakes_at, begun_at);
	connection_watch_begin_turn(t->stop->watch);
	while (pass(t))
		;
	connection_watch_end_turn(t->stop->watch, begun_at, monoclock_now());
}

static void on_timer(struct ev_loop *loop, ev_timer *watcher, int events)
{
	(void)loop;
	(void)events;
	turn_step(watcher->data);
}

static void on_events(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct turn *t = watcher->data;

	(void)loop;
	(void)events;
	connection_watch_read_events(t->stop->watch, monoclock_now());
	turn_step(t);
}

static void on_outside_end(struct ev_loop *loop, ev_io *watcher, int events)
{
	struct turn *t = watcher->data;

	(void)events;
	ev_io_stop(loop, watcher);
	outside_note_end(&t->stop->app.outside);
	turn_step(t);
}

void turn_init(struct turn *t)
{
	ev_io_init(&t->events_watcher, on_events, -1, EV_READ);
	ev_io_init(&t->outside_watcher, on_outside_end, -1, EV_READ);
	ev_timer_init(&t->timer, on_timer, 0., 0.);
	t->events_watcher.data = t;
	t->outside_watcher.data = t;
	t->timer.data = t;
}

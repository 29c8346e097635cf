/* SPDX-License-Identifier: MIT */
#include "lastcall/health_answers.h"

#include "sys/monoclock.h"

enum health_state health_answers_state(
	const struct stop_plan *plan, const struct notify *notify, const struct app_status *app)
{
	static const enum health_state of_app[] = {
		[APP_STARTING] = HEALTH_STARTING,
		[APP_SERVING] = HEALTH_SERVING,
		[APP_STUCK] = HEALTH_STUCK,
	};

	_Static_assert(sizeof of_app / sizeof *of_app == APP_STATE_COUNT, "a state has no health");
	if (plan->state > STOP_DRAINING || (plan->state == STOP_SERVING && notify->stopping))
		return HEALTH_STOPPING;
	return plan->state == STOP_DRAINING ? HEALTH_DRAINING : of_app[app->state];
}

msec_t health_answers_since(
	const struct stop_plan *plan, const struct notify *notify, const struct app_status *app)
{
	msec_t stopping_since = MSEC_NEVER;

	for (int state = STOP_DRAINING + 1; state < STOP_STATE_COUNT; state++)
		stopping_since = msec_min(stopping_since, plan->entered[state]);
	if (plan->state > STOP_DRAINING)
		return stopping_since;
	if (plan->state == STOP_DRAINING)
		return plan->started;
	return notify->stopping ? notify->stopping_at : app->since;
}

static const struct app_status *app_status(struct health_answers *a, msec_t now)
{
	bool is_serving = a->app_status != NULL && a->app_status->state == APP_SERVING;
	msec_t news_ms = connection_watch_note_probe(a->watch, is_serving);

	app_check_note_watchdog(a->check, notify_watchdog_late(a->notify, now));
	if (a->app_status != NULL && now - a->asked_at < news_ms)
		return a->app_status;
	app_check_refresh(a->check, now);
	a->app_status = app_check_state(a->check);
	a->asked_at = now;
	return a->app_status;
}

void health_answers_tell_status(void *arg, struct health_status *ret_status)
{
	struct health_answers *a = arg;
	const struct conn_counts *counts = &connection_watch_tracker(a->watch)->counts;
	msec_t now = monoclock_now();
	const struct app_status *app;

	/* first: what the application has said while lastcall had no processor counts */
	notify_refresh_jobs(a->notify, a->notify->app->killed_all, now);
	app = app_status(a, now);
	*ret_status = (struct health_status){
		.state = health_answers_state(a->plan, a->notify, app),
		.since_ms = now - health_answers_since(a->plan, a->notify, app),
		.connections_known = connection_watch_sees(a->watch),
		.busy = counts->busy,
		.unsure = counts->unsure,
		.idle = counts->idle,
		.age_ms = connection_watch_polled_at(a->watch) < 0
				  ? -1
				  : msec_left(now, connection_watch_polled_at(a->watch)),
		.jobs = a->notify->jobs.busy,
		.status = a->notify->status,
		.deadline_ms = msec_left(a->plan->deadline, now),
	};
}

void health_answers_tell_metrics(void *arg, struct metrics *ret_metrics)
{
	struct health_answers *a = arg;
	const struct conn_counts *counts = &connection_watch_tracker(a->watch)->counts;
	struct health_status health;

	health_answers_tell_status(a, &health);
	*ret_metrics = (struct metrics){
		.version = LASTCALL_VERSION,
		.labels = a->labels,
		.state = health.state,
		.connections_known = health.connections_known,
		.busy = counts->busy,
		.unsure = counts->unsure,
		.recent = counts->held - counts->busy - counts->unsure,
		.idle = counts->idle,
		.unaccepted = counts->unaccepted,
		.jobs = health.jobs,
		.undelivered_bytes = counts->undelivered_bytes,
		.age_ms = health.age_ms,
		.deadline_ms = health.deadline_ms,
		.app_started_unix_ms = a->app_started_unix_ms,
		.reaped = a->app->reaped,
		.asks_for_protection = a->protection != NULL,
		.is_protected = a->protection != NULL && task_protection_is_on(a->protection),
	};
}

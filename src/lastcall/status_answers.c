/* SPDX-License-Identifier: MIT */
#include "lastcall/status_answers.h"

#include "core/status/status.h"
#include "lastcall/health_answers.h"
#include "lastcall/stop_facts.h"
#include "sys/monoclock.h"

/* Those of the next pass of the supervisor, with the connections of the question. */
static struct stop_facts facts_of(
	const struct stop *stop, const struct connection_show *show, msec_t now)
{
	const struct conn_counts *polled = &connection_watch_tracker(stop->watch)->counts;
	struct stop_facts facts = stop_facts_gather(stop, false, MSEC_NEVER, now);

	facts.busy = facts.busy - polled->held + show->counts.held;
	facts.unsure = show->counts.unsure;
	facts.undelivered = show->counts.undelivered;
	facts.has_listened |= show->counts.listening > 0;
	facts.connections_visible = show->is_known;
	return facts;
}

static void take_name(struct status *status, char *const *command)
{
	struct text name;

	text_init(&name, status->app_name, sizeof status->app_name);
	if (command != NULL && command[0] != NULL)
		text_add(&name, command[0]);
}

uint64_t status_answers_write(void *arg, bool is_json, struct text *text)
{
	const struct status_answers *a = arg;
	struct stop *stop = a->stop;
	msec_t now = monoclock_now();
	const struct connection_show *show = connection_watch_show(stop->watch, now);
	struct stop_facts facts;
	struct app_status app = app_check_judge(a->check,
		show->is_known && connection_watch_detector(stop->watch) != REPORT_DETECTOR_NONE,
		show->counts.listening > 0, now);
	struct status status;

	notify_refresh_jobs(&stop->notify, stop->app.killed_all, now);
	facts = facts_of(stop, show, now);
	status = (struct status){
		.version = LASTCALL_VERSION,
		.forecast = stop_forecast_of(&stop->plan, &facts, &show->counts, now),
		.state = health_answers_state(&stop->plan, &stop->notify, &app),
		.since_ms = now - health_answers_since(&stop->plan, &stop->notify, &app),
		.reason = app.reason,
		.app_pid = app_main_is_alive(&stop->app) ? stop->app.pid : 0,
		.is_notify_open = notify_is_open(&stop->notify),
		.is_ready = stop->notify.ready,
		.is_stopping = stop->notify.stopping,
		.says = stop->notify.status,
		.jobs = stop->notify.jobs.busy,
		.detector = connection_watch_detector(stop->watch),
		.connections_known = show->is_known,
		.counts = show->counts,
		.connections = show->connections,
		.polled_ms_ago = show->at < 0 ? -1 : now - show->at,
		.ports = &show->ports,
		.options = stop->options,
		.plan = &stop->plan,
		.labels = &stop->labels,
	};

	take_name(&status, a->command);
	if (is_json)
		status_write_json(text, &status);
	else
		status_write_text(text, &status);
	return status_key(&status);
}

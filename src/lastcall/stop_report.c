/* SPDX-License-Identifier: MIT */
#include "lastcall/stop_report.h"

#include "core/text/signal_name.h"
#include "core/stop/stop_phases.h"
#include "lastcall/stop_facts.h"

static void fill_stop(struct report *report, const struct stop_report_input *in)
{
	const struct stop_budget *budget = &in->stop->plan.budget;
	struct stop_phases phases = stop_plan_phases(&in->stop->plan);

	report->stop.signal = in->stop->stop_signal > 0 ? signal_name(in->stop->stop_signal) : NULL;
	report->stop.at_unix_ms = in->stop->history.stopped_unix_ms;
	report->stop.timeout_ms = budget->timeout;
	report->stop.timeout_source = budget->timeout_source;
	report->stop.margin_ms = budget->margin;
	report->stop.longest_request_ms = budget->longest_request;
	report->stop.longest_request_source = budget->longest_request_source;
	if (!budget->lame_duck_is_default || connection_watch_has_listened(in->stop->watch))
		report->phases_ms.min_drain = msec_min(budget->min_drain, phases.drain);
	report->phases_ms.doubt = in->stop->plan.doubted;
	report->phases_ms.drain = phases.drain;
	report->phases_ms.term = phases.term;
	report->phases_ms.kill = phases.kill;
	report->phases_ms.flush = phases.flush;
	report->phases_ms.total = phases.total;
	/* a platform that gives no time sets no limit that is known */
	report->headroom_ms = budget->timeout > 0 ? budget->gone - phases.total : MSEC_NEVER;
}

static void fill_connections(struct report *report, const struct stop_report_input *in)
{
	report->connections.detector = connection_watch_detector(in->stop->watch);
	report->connections.ports = connection_watch_ports(in->stop->watch);
	report->connections.ended_unseen = in->stop->history.unseen_at_stop;
	report->connections.open_at_stop = in->stop->history.open_at_stop;
	report->connections.accept_queue_at_stop = in->stop->history.accept_queue_at_stop;
	report->connections.since = connection_watch_tracker(in->stop->watch)->totals;
}

static void fill_app(struct report *report, const struct app *app)
{
	report->app.pid = app->pid;
	report->app.exit_code = app->end.ended ? app->end.exit_code : -1;
	report->app.signal = app->end.signal > 0 ? signal_name(app->end.signal) : NULL;
	report->app.killed = app->killed;
	report->app.stop_signal = app->stop_signal > 0 ? signal_name(app->stop_signal) : NULL;
	report->app.handles_stop_signal =
		app->handles_stop_signal < 0 ? -1 : app->handles_stop_signal;
	report->app.leftovers = app->leftovers;
	report->app.leftovers_killed = app->leftovers_killed;
	report->app.exec_jobs = app->outside.signalled_jobs;
	report->app.exec_shells = app->outside.signalled_shells;
	report->app.exec_killed = app->outside.killed;
	report->app.oom_kills = oom_kills_count(&app->oom_kills);
	report->reaped = app->reaped;
}

static void fill_notify(struct report *report, const struct notify *notify, msec_t started_at)
{
	report->jobs = &notify->jobs;
	report->notify.ready_ms = notify->ready ? notify->ready_at - started_at : MSEC_NEVER;
	report->notify.stopping = notify->stopping;
	report->notify.status = notify->status[0] != '\0' ? notify->status : NULL;
	report->notify.received = notify->received;
	report->notify.ignored = notify->ignored;
}

void stop_report_fill(const struct stop_report_input *input, struct report *ret_report)
{
	struct stop_outcome_facts facts = stop_facts_of_outcome(input->stop);
	struct report *report = ret_report;

	*report = (struct report){
		.version = LASTCALL_VERSION,
		.outcome = stop_outcome_of(&input->stop->plan, &facts),
		.degraded = input->degraded | connection_watch_degraded(input->stop->watch),
		.health = {input->health.served, input->health.refused},
		.timeline = input->stop->history.timeline,
		.labels = input->stop->labels,
	};
	if (!input->is_subreaper)
		report->degraded |= 1u << REPORT_DEGRADED_NO_SUBREAPER;
	fill_stop(report, input);
	fill_connections(report, input);
	fill_app(report, &input->stop->app);
	fill_notify(report, &input->stop->notify, input->stop->app.started_at);
	report->app.waited_for = input->stop->history.waited_for;
	report->app.idle_ms = input->stop->history.idle_ms;
	facts.oom_kills = report->app.oom_kills;
	report->diagnosis = stop_outcome_diagnose(&input->stop->plan, &facts);
}

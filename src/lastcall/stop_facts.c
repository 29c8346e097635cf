/* SPDX-License-Identifier: MIT */
#include "lastcall/stop_facts.h"

/* A job that began before the stop is like a request that did. */
static msec_t asked_since(const struct stop *s)
{
	const struct conn_counts *counts = &connection_watch_tracker(s->watch)->counts;
	msec_t oldest_job = jobs_oldest_since(&s->notify.jobs);

	if (counts->holds_from_before || (oldest_job != MSEC_NEVER && oldest_job < s->plan.started))
		return MSEC_NEVER;
	return msec_min(
		oldest_job, connection_watch_polled_at(s->watch) - counts->oldest_request_ms);
}

struct stop_facts stop_facts_gather(
	const struct stop *s, bool poll_is_old, msec_t start_ends, msec_t now)
{
	const struct conn_counts *counts = &connection_watch_tracker(s->watch)->counts;
	const struct jobs *jobs = &s->notify.jobs;

	return (struct stop_facts){
		.stop_signals = s->stop_signals,
		.hurries = s->hurries,
		.main_alive = app_main_is_alive(&s->app),
		.stop_refused = s->app.stop_refused,
		.others_alive = s->app.others_left || s->app.outside.jobs > 0,
		.shells_alive = s->app.outside.shells > 0,
		.connections_visible = connection_watch_sees(s->watch),
		.polled_at = poll_is_old ? -1 : connection_watch_polled_at(s->watch),
		.dumped_at = connection_watch_dumped_at(s->watch),
		/* a client that seems to have given up may have been cut by a crash: SIGCHLD decides */
		.busy = counts->held + connection_watch_suspects_death(s->watch, now) + jobs->busy,
		.unsure = counts->unsure,
		.unproven = counts->unproven,
		.in_flight = counts->in_flight + jobs->busy,
		.asked_since = asked_since(s),
		.undelivered = counts->undelivered,
		.has_listened = connection_watch_has_listened(s->watch),
		.last_arrival = connection_watch_tracker(s->watch)->totals.last_arrival,
		.start_timed_out = now >= start_ends,
	};
}

struct stop_outcome_facts stop_facts_of_outcome(const struct stop *s)
{
	return (struct stop_outcome_facts){
		.has_exited = s->app.end.ended,
		.exited_at = s->app.ended_at,
		.exit_signal = s->app.end.signal,
		.stop_signal = s->app.stop_signal,
		.handles_stop_signal = s->app.handles_stop_signal,
		.stop_refused = s->app.stop_refused,
		.killed = s->app.killed,
		.has_listened = connection_watch_has_listened(s->watch),
		.oom_kills = -1,
		.cut = connection_watch_tracker(s->watch)->totals.cut,
		.jobs_cut = s->notify.jobs.ended[JOB_CUT],
		.first_cut_at = s->history.first_cut_at,
	};
}

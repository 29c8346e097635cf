/* SPDX-License-Identifier: MIT */
/* The line for people. */
#include "core/text/exit_status.h"
#include "core/report/report.h"
#include "core/text/signal_name.h"

#include <inttypes.h>
#include <string.h>

static void add_duration(struct text *text, msec_t ms)
{
	if (ms < 1000)
		text_printf(text, "%" PRId64 "ms", ms);
	else
		text_printf(text, "%" PRId64 ".%02ds", ms / 1000, (int)(ms % 1000) / 10);
}

static void add_outcome(struct text *text, const struct report *report)
{
	const bool was_asked = report->stop.signal != NULL;

	if (report->diagnosis & 1u << REPORT_DIAGNOSIS_NOT_READY) {
		text_add(text, "app was not ready in time, stopped");
		return;
	}
	if (report->outcome == REPORT_KILLED && !report->app.killed &&
		report->diagnosis & 1u << REPORT_DIAGNOSIS_MAY_NOT_SIGNAL) {
		text_add(text, "app could not be signalled, left running");
		return;
	}
	switch (report->outcome) {
	case REPORT_DRAINED:
		text_add(text, "drained");
		break;
	case REPORT_BUDGET_EXHAUSTED:
		text_add(text, "drain budget spent, stopped");
		break;
	case REPORT_APP_EXITED:
		text_add(text,
			!was_asked ? "app exited by itself, gone"
			: report->connections.since.cut > 0 || report->jobs->ended[JOB_CUT] > 0
				? "app exited before its work was finished, stopped"
				: "app exited before it was signalled, stopped");
		break;
	case REPORT_KILLED:
		text_add(text, "had to kill, stopped");
		break;
	case REPORT_OUTCOME_COUNT:
		break;
	}
}

/* "in 2.31s of 9.00s", and how late if it is. */
static void add_time_taken(struct text *text, const struct report *report)
{
	const msec_t total = report->phases_ms.total, headroom = report->headroom_ms;

	text_add(text, " in ");
	add_duration(text, total);
	if (headroom == MSEC_NEVER)
		return;
	text_add(text, " of ");
	add_duration(text, total + headroom);
	if (headroom < 0) {
		text_add(text, ", ");
		add_duration(text, -msec_max(headroom, -MSEC_NEVER));
		text_add(text, " late");
	}
}

/* Bytes are only known to be lost or not where the end of every connection was seen. */
static bool sees_every_ending(const struct report *report)
{
	const uint32_t blind = 1u << REPORT_DEGRADED_PROCNET | 1u << REPORT_DEGRADED_NO_EVENTS |
			       1u << REPORT_DEGRADED_EVENTS_LOST |
			       1u << REPORT_DEGRADED_TRACKER_FULL;

	return (report->degraded & blind) == 0 && !report->connections.ended_unseen;
}

/* Nothing is known of what was in flight, and nothing of what became of it. */
static bool is_unseen(const struct report *report)
{
	const struct conn_totals *since = &report->connections.since;

	return report->connections.ended_unseen &&
	       (since->finished | since->cut | since->unknown | since->lost_bytes |
		       since->flushed_bytes) == 0;
}

static void add_work(struct text *text, const struct report *report)
{
	const uint64_t lost = report->connections.since.lost_bytes;
	const uint64_t flushed = report->connections.since.flushed_bytes;
	const bool is_certain = sees_every_ending(report);

	if (!report_sees_connections(report) || is_unseen(report)) {
		text_add(text, "work in flight not seen");
		return;
	}
	if (report->connections.ended_unseen)
		text_add(text, "work in flight partly seen: ");
	text_printf(text, "%u finished, %u cut, ", report->connections.since.finished,
		report->connections.since.cut);
	if (report->connections.since.unknown > 0)
		text_printf(text, "%u unknown, ", report->connections.since.unknown);
	if (lost > 0)
		text_printf(text, "%s%" PRIu64 " byte%s lost", is_certain ? "" : "at least ", lost,
			lost == 1 ? "" : "s");
	else
		text_add(text, is_certain ? "all bytes delivered" : "no lost bytes seen");
	if (flushed > 0)
		text_printf(text, " (%" PRIu64 " after the app exited)", flushed);
}

static void add_jobs(struct text *text, const struct jobs *jobs)
{
	const char *before = "; jobs: ";

	for (int end = 0; end < JOB_END_COUNT; end++) {
		if (jobs->ended[end] == 0)
			continue;
		text_printf(text, "%s%" PRIu64 " %s", before, jobs->ended[end],
			job_end_name((enum job_end)end));
		before = ", ";
	}
}

/* A signal's number is 128 less than the exit status that it makes. */
static void add_app_end(struct text *text, const struct report *report)
{
	const char *signal = report->app.signal, *sent = report->app.stop_signal;
	int status;

	if (report->app.exit_code >= 0) {
		text_printf(text, "app exited %d", report->app.exit_code);
		return;
	}
	if (signal == NULL) {
		text_add(text, "app still running");
		return;
	}
	status = EXIT_STATUS_SIGNALLED + signal_parse(signal);
	if (strcmp(signal, "SIGKILL") != 0 || (sent != NULL && strcmp(sent, signal) == 0))
		text_printf(text, "app killed by %s (%d)", signal, status);
	else if (report->app.killed)
		text_printf(text, "app killed (%d)", status);
	else
		text_printf(text, "app killed by a SIGKILL from elsewhere (%d)", status);
}

/* Those that were killed together with a main process that had not ended were never left over. */
static void add_leftovers(struct text *text, const struct report *report)
{
	const unsigned killed = report->app.leftovers_killed;
	const unsigned all = report->app.leftovers > killed ? report->app.leftovers : killed;

	if (all > 0)
		text_printf(text, "; %u leftover%s, %u killed", all, all == 1 ? "" : "s", killed);
}

static void add_what_was_degraded(struct text *text, const struct report *report)
{
	const char *before = "; degraded: ";

	for (int i = 0; i < REPORT_DEGRADED_COUNT; i++) {
		if (!report_is_degraded(report, (enum report_degraded)i))
			continue;
		text_add(text, before);
		text_add(text, report_degraded_name((enum report_degraded)i));
		before = ", ";
	}
}

void report_write_summary(struct text *text, const struct report *report)
{
	add_outcome(text, report);
	add_time_taken(text, report);
	text_add(text, ": ");
	add_work(text, report);
	add_jobs(text, report->jobs);
	text_add(text, "; ");
	add_app_end(text, report);
	add_leftovers(text, report);
	add_what_was_degraded(text, report);
}

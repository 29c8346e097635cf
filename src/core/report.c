/* SPDX-License-Identifier: MIT */
#include "core/report.h"

#include "core/exit_status.h"
#include "core/peer_text.h"
#include "core/signal_name.h"

#include <inttypes.h>
#include <string.h>

static const char outcome_names[][sizeof "budget_exhausted"] = {
	[REPORT_DRAINED] = "drained",
	[REPORT_BUDGET_EXHAUSTED] = "budget_exhausted",
	[REPORT_APP_EXITED] = "app_exited",
	[REPORT_KILLED] = "killed",
};
_Static_assert(sizeof outcome_names / sizeof *outcome_names == REPORT_OUTCOME_COUNT,
	"an outcome has no name");

static const char detector_names[][sizeof "sock_diag"] = {
	[REPORT_DETECTOR_SOCK_DIAG] = "sock_diag",
	[REPORT_DETECTOR_PROCNET] = "procnet",
	[REPORT_DETECTOR_NONE] = "none",
};
_Static_assert(sizeof detector_names / sizeof *detector_names == REPORT_DETECTOR_COUNT,
	"a detector has no name");

static const char *const degraded_names[] = {
	[REPORT_DEGRADED_PROCNET] = "procnet",
	[REPORT_DEGRADED_NO_DETECTOR] = "no_detector",
	[REPORT_DEGRADED_NO_EVENTS] = "no_events",
	[REPORT_DEGRADED_EVENTS_LOST] = "events_lost",
	[REPORT_DEGRADED_PORTS_UNKNOWN] = "ports_unknown",
	[REPORT_DEGRADED_PORTS_BY_USER] = "ports_by_user",
	[REPORT_DEGRADED_CENSUS_FULL] = "census_full",
	[REPORT_DEGRADED_NO_SUBREAPER] = "no_subreaper",
};
_Static_assert(sizeof degraded_names / sizeof *degraded_names == REPORT_DEGRADED_COUNT,
	"a degraded value has no name");

static const char *const diagnosis_names[] = {
	[REPORT_DIAGNOSIS_NO_HANDLER] = "no_stop_signal_handler",
	[REPORT_DIAGNOSIS_DIED_WITH_WORK] = "died_with_work_in_flight",
	[REPORT_DIAGNOSIS_IDLE_NOT_EXITING] = "idle_but_not_exiting",
	[REPORT_DIAGNOSIS_NOT_READY] = "not_ready_in_time",
	[REPORT_DIAGNOSIS_OUT_OF_MEMORY] = "out_of_memory",
};
_Static_assert(sizeof diagnosis_names / sizeof *diagnosis_names == REPORT_DIAGNOSIS_COUNT,
	"a diagnosis has no name");

const char *report_detector_name(enum report_detector detector)
{
	return detector_names[detector];
}

const char *report_degraded_name(enum report_degraded degraded)
{
	return degraded_names[degraded];
}

static bool is_degraded(const struct report *report, enum report_degraded degraded)
{
	return report->degraded & 1u << degraded;
}

/* A detector that does not know which ports are the application's sees nothing either, and its
 * zeros are no counts. */
static bool sees_connections(const struct report *report)
{
	if (report->connections.detector == REPORT_DETECTOR_NONE)
		return false;
	return report->connections.port_count > 0 ||
	       !is_degraded(report, REPORT_DEGRADED_PORTS_UNKNOWN);
}

/* The JSON line. What was written last tells whether a comma is due: a string that ends in a
 * bracket still has its quote after it. */

static void separate(struct text *text)
{
	const char last = text->len > 0 ? text->buf[text->len - 1] : '{';

	if (last != '{' && last != '[')
		text_add(text, ",");
}

static void add_key(struct text *text, const char *key)
{
	separate(text);
	text_add_json(text, key);
	text_add(text, ":");
}

static void add_string(struct text *text, const char *key, const char *value)
{
	add_key(text, key);
	if (value == NULL)
		text_add(text, "null");
	else
		text_add_json(text, value);
}

static void add_count(struct text *text, const char *key, bool known, uint64_t value)
{
	add_key(text, key);
	if (known)
		text_printf(text, "%" PRIu64, value);
	else
		text_add(text, "null");
}

static void add_msec(struct text *text, const char *key, msec_t value)
{
	add_key(text, key);
	if (value != MSEC_NEVER)
		text_printf(text, "%" PRId64, value);
	else
		text_add(text, "null");
}

static void add_bool(struct text *text, const char *key, bool known, bool value)
{
	add_key(text, key);
	text_add(text, !known ? "null" : value ? "true" : "false");
}

static void open_object(struct text *text, const char *key)
{
	add_key(text, key);
	text_add(text, "{");
}

static void open_array(struct text *text, const char *key)
{
	add_key(text, key);
	text_add(text, "[");
}

/* An array of the names of those bits that are set. */
static void add_names(
	struct text *text, const char *key, uint32_t bits, const char *const names[], int count)
{
	open_array(text, key);
	for (int i = 0; i < count; i++) {
		if (!(bits & 1u << i))
			continue;
		separate(text);
		text_add_json(text, names[i]);
	}
	text_add(text, "]");
}

static void add_stop(struct text *text, const struct report *report)
{
	open_object(text, "stop");
	add_string(text, "signal", report->stop.signal);
	add_key(text, "at");
	text_add(text, "\"");
	text_add_time(text, report->stop.at_unix_ms);
	text_add(text, "\"");
	add_msec(text, "timeout_ms", report->stop.timeout_ms);
	add_string(text, "timeout_source", report->stop.timeout_source);
	add_msec(text, "margin_ms", report->stop.margin_ms);
	text_add(text, "}");
}

static void add_phases(struct text *text, const struct report *report)
{
	open_object(text, "phases_ms");
	add_msec(text, "min_drain", report->phases_ms.min_drain);
	add_msec(text, "drain", report->phases_ms.drain);
	add_msec(text, "term", report->phases_ms.term);
	add_msec(text, "kill", report->phases_ms.kill);
	add_msec(text, "flush", report->phases_ms.flush);
	add_msec(text, "total", report->phases_ms.total);
	text_add(text, "}");
}

static void add_ports(struct text *text, const struct report *report)
{
	open_array(text, "ports");
	for (unsigned i = 0; i < report->connections.port_count; i++) {
		separate(text);
		text_printf(text, "%u", (unsigned)report->connections.ports[i]);
	}
	text_add(text, "]");
}

static void add_holder(struct text *text, const struct holder *holder)
{
	char bytes[PEER_TEXT_BYTES];
	struct text peer;

	text_init(&peer, bytes, sizeof bytes);
	peer_text_add(&peer, holder->family, holder->peer, holder->peer_port);
	separate(text);
	text_add(text, "{");
	add_string(text, "peer", bytes);
	add_msec(text, "held_ms", holder->held_ms);
	add_msec(text, "age_ms", holder->age_ms);
	add_msec(text, "quiet_ms", holder->quiet_ms < 0 ? MSEC_NEVER : holder->quiet_ms);
	add_count(text, "queued_bytes", true, holder->queued_bytes);
	add_string(text, "class", connection_class_name(holder->last_class));
	add_string(text, "ended", holder_end_name(holder->end));
	text_add(text, "}");
}

static void add_holders(struct text *text, const struct holders *holders)
{
	open_array(text, "held_by");
	for (size_t i = 0; i < holders->count; i++)
		add_holder(text, &holders->list[i]);
	text_add(text, "]");
}

static void add_connections(struct text *text, const struct report *report)
{
	const bool known = sees_connections(report);
	const msec_t longest_ms = known ? report->connections.longest_ms : MSEC_NEVER;

	open_object(text, "connections");
	add_string(text, "detector", detector_names[report->connections.detector]);
	add_ports(text, report);
	add_count(text, "open_at_stop", known, report->connections.open_at_stop);
	add_count(text, "busy_at_stop", known, report->connections.busy_at_stop);
	add_count(text, "peak_busy", known, report->connections.peak_busy);
	add_count(text, "arrived_after_stop", known, report->connections.arrived_after_stop);
	add_count(text, "finished", known, report->connections.finished);
	add_count(text, "cut", known, report->connections.cut);
	add_count(text, "flushed_bytes", known, report->connections.flushed_bytes);
	add_count(text, "lost_bytes", known, report->connections.lost_bytes);
	add_msec(text, "longest_ms", longest_ms);
	add_count(text, "accept_queue_at_stop", known, report->connections.accept_queue_at_stop);
	add_count(text, "accept_queue_lost", known, report->connections.accept_queue_lost);
	add_holders(text, known ? &report->connections.held_by : &(struct holders){.count = 0});
	text_add(text, "}");
}

static void add_app(struct text *text, const struct report *report)
{
	const int handles = report->app.handles_stop_signal;

	open_object(text, "app");
	add_count(text, "pid", report->app.pid > 0, (uint64_t)report->app.pid);
	add_count(text, "exit_code", report->app.exit_code >= 0, (uint64_t)report->app.exit_code);
	add_string(text, "signal", report->app.signal);
	add_bool(text, "killed", true, report->app.killed);
	add_bool(text, "handles_stop_signal", handles >= 0, handles > 0);
	add_count(text, "leftovers", true, report->app.leftovers);
	add_count(text, "leftovers_killed", true, report->app.leftovers_killed);
	add_count(text, "oom_kills", report->app.oom_kills >= 0, (uint64_t)report->app.oom_kills);
	text_add(text, "}");
}

static void add_health(struct text *text, const struct report *report)
{
	open_object(text, "health");
	add_count(text, "served", true, report->health.served);
	add_count(text, "refused", true, report->health.refused);
	text_add(text, "}");
}

static size_t timeline_max_bytes(const struct timeline *timeline)
{
	const size_t point_bytes = sizeof "[4294967295,4294967295,4294967295]," - 1;

	return sizeof ",\"timeline\":[]" - 1 + timeline->count * point_bytes;
}

static void add_timeline(struct text *text, const struct timeline *timeline)
{
	open_array(text, "timeline");
	for (size_t i = 0; i < timeline->count; i++) {
		const struct timeline_point *point = &timeline->points[i];

		separate(text);
		text_printf(text, "[%" PRIu32 ",%" PRIu32 ",%" PRIu32 "]", point->at_ms,
			point->busy, point->open);
	}
	text_add(text, "]");
}

/* The labels are the only part without a limit of its own: one that does not leave `reserve` bytes
 * for what follows it is taken back. */
static void add_labels(struct text *text, const struct report *report, size_t reserve)
{
	open_object(text, "labels");
	for (unsigned i = 0; i < report->label_count && !text->truncated; i++) {
		const size_t len_before = text->len;

		add_string(text, report->labels[i].key, report->labels[i].value);
		if (text->truncated || text->cap - text->len < reserve)
			text_cut(text, len_before);
	}
	text_add(text, "}");
}

/* The timeline is last, for CloudWatch Logs Insights finds the first 200 values of an event, and
 * each point is three. */
static void add_line(
	struct text *text, const struct report *report, const struct timeline *timeline)
{
	static const char end[] = "}\n";

	text_add(text, "{");
	add_string(text, "schema", REPORT_SCHEMA);
	add_string(text, "version", report->version);
	add_string(text, "outcome", outcome_names[report->outcome]);
	add_names(text, "degraded", report->degraded, degraded_names, REPORT_DEGRADED_COUNT);
	add_names(text, "diagnosis", report->diagnosis, diagnosis_names, REPORT_DIAGNOSIS_COUNT);
	add_stop(text, report);
	add_phases(text, report);
	add_msec(text, "headroom_ms", report->headroom_ms);
	add_connections(text, report);
	add_app(text, report);
	add_health(text, report);
	add_count(text, "reaped", true, report->reaped);
	add_labels(text, report, sizeof "}" - 1 + timeline_max_bytes(timeline) + sizeof end);
	add_timeline(text, timeline);
	text_add(text, end);
}

void report_write_json(struct text *text, const struct report *report)
{
	struct timeline timeline = report->timeline;
	struct text line;

	if (!sees_connections(report))
		timeline.count = 0;
	do {
		text_init(&line, text->buf + text->len, text->cap - text->len);
		if (line.cap > REPORT_MAX_BYTES)
			line.cap = REPORT_MAX_BYTES;
		add_line(&line, report, &timeline);
	} while (line.truncated && timeline_thin(&timeline));
	if (line.truncated) {
		text_cut(&line, 0);
		text->truncated = true;
	}
	text->len += line.len;
}

/* The line for people. */

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
	switch (report->outcome) {
	case REPORT_DRAINED:
		text_add(text, "drained");
		break;
	case REPORT_BUDGET_EXHAUSTED:
		text_add(text, "drain budget spent, stopped");
		break;
	case REPORT_APP_EXITED:
		text_add(text, !was_asked ? "app ended by itself, gone"
			       : report->connections.cut > 0
				       ? "app ended before its work did, stopped"
				       : "app ended before it was told to, stopped");
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
		add_duration(text, -headroom);
		text_add(text, " late");
	}
}

/* Bytes are only known to be lost or not where the end of every connection was seen. */
static bool sees_every_ending(const struct report *report)
{
	const uint32_t blind = 1u << REPORT_DEGRADED_PROCNET | 1u << REPORT_DEGRADED_NO_EVENTS |
			       1u << REPORT_DEGRADED_EVENTS_LOST |
			       1u << REPORT_DEGRADED_CENSUS_FULL;

	return (report->degraded & blind) == 0;
}

static void add_work(struct text *text, const struct report *report)
{
	const uint64_t lost = report->connections.lost_bytes;
	const uint64_t flushed = report->connections.flushed_bytes;
	const bool is_certain = sees_every_ending(report);

	if (!sees_connections(report)) {
		text_add(text, "work in flight not seen");
		return;
	}
	text_printf(text, "%u finished, %u cut, ", report->connections.finished,
		report->connections.cut);
	if (lost > 0)
		text_printf(text, "%s%" PRIu64 " byte%s lost", is_certain ? "" : "at least ", lost,
			lost == 1 ? "" : "s");
	else
		text_add(text, is_certain ? "all bytes delivered" : "no loss seen");
	if (flushed > 0)
		text_printf(text, " (%" PRIu64 " after the app's end)", flushed);
}

/* A signal's number is 128 less than the exit status that it makes. */
static void add_app_end(struct text *text, const struct report *report)
{
	const char *signal = report->app.signal;
	int status;

	if (report->app.exit_code >= 0) {
		text_printf(text, "app exited %d", report->app.exit_code);
		return;
	}
	if (signal == NULL) {
		text_add(text, "app was still there");
		return;
	}
	status = EXIT_STATUS_SIGNALLED + signal_parse(signal);
	if (strcmp(signal, "SIGKILL") != 0)
		text_printf(text, "app ended by %s (%d)", signal, status);
	else if (report->app.killed)
		text_printf(text, "app killed (%d)", status);
	else
		text_printf(text, "app ended by a SIGKILL that was not ours (%d)", status);
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
		if (!is_degraded(report, (enum report_degraded)i))
			continue;
		text_add(text, before);
		text_add(text, degraded_names[i]);
		before = ", ";
	}
}

void report_write_summary(struct text *text, const struct report *report)
{
	add_outcome(text, report);
	add_time_taken(text, report);
	text_add(text, ": ");
	add_work(text, report);
	text_add(text, "; ");
	add_app_end(text, report);
	add_leftovers(text, report);
	add_what_was_degraded(text, report);
}

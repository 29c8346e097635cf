/* SPDX-License-Identifier: MIT */
/* The report's JSON line. */
#include "core/text/json_text.h"
#include "core/tcp/peer_text.h"
#include "core/report/report.h"
#include "core/text/time_text.h"

#include <inttypes.h>

/* What was written last tells whether a comma is due: a string that ends in a
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
	struct text *text, const char *key, uint32_t bits, const char *(*name)(int), int count)
{
	open_array(text, key);
	for (int i = 0; i < count; i++) {
		if (!(bits & 1u << i))
			continue;
		separate(text);
		text_add_json(text, name(i));
	}
	text_add(text, "]");
}

static const char *degraded_name(int degraded)
{
	return report_degraded_name((enum report_degraded)degraded);
}

static const char *diagnosis_name(int diagnosis)
{
	return report_diagnosis_name((enum report_diagnosis)diagnosis);
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
	add_msec(text, "longest_request_ms", report->stop.longest_request_ms);
	add_string(text, "longest_request_source", report->stop.longest_request_source);
	text_add(text, "}");
}

static void add_phases(struct text *text, const struct report *report)
{
	open_object(text, "phases_ms");
	add_msec(text, "min_drain", report->phases_ms.min_drain);
	add_msec(text, "doubt", report->phases_ms.doubt);
	add_msec(text, "drain", report->phases_ms.drain);
	add_msec(text, "term", report->phases_ms.term);
	add_msec(text, "kill", report->phases_ms.kill);
	add_msec(text, "flush", report->phases_ms.flush);
	add_msec(text, "total", report->phases_ms.total);
	text_add(text, "}");
}

static void add_ports(struct text *text, const struct report *report)
{
	const struct port_set *ports = report->connections.ports;
	int port = port_set_next(ports, 0);
	unsigned named = 0;

	open_array(text, "ports");
	for (; port >= 0 && named < REPORT_NAMED_PORTS; named++) {
		separate(text);
		text_printf(text, "%d", port);
		port = port_set_next(ports, (unsigned)port + 1);
	}
	text_add(text, "]");
	add_count(text, "ports_more", true, ports->count - named);
}

static void add_blocker(struct text *text, const struct blocker *blocker)
{
	char bytes[PEER_TEXT_BYTES];
	struct text peer;

	text_init(&peer, bytes, sizeof bytes);
	peer_text_add(&peer, blocker->family, blocker->peer, blocker->peer_port);
	separate(text);
	text_add(text, "{");
	add_string(text, "peer", bytes);
	add_msec(text, "held_ms", blocker->held_ms);
	add_msec(text, "age_ms", blocker->age_ms);
	add_msec(text, "quiet_ms", blocker->quiet_ms < 0 ? MSEC_NEVER : blocker->quiet_ms);
	add_count(text, "queued_bytes", true, blocker->queued_bytes);
	add_string(text, "class", connection_class_name(blocker->held_class));
	add_string(text, "ended", connection_ending_name(blocker->ending));
	text_add(text, "}");
}

static void add_blockers(struct text *text, bool known, const struct blockers *blockers)
{
	open_array(text, "held_by");
	for (size_t i = 0; known && i < blockers->count; i++)
		add_blocker(text, &blockers->list[i]);
	text_add(text, "]");
	add_count(text, "held_by_more", true, known ? blockers->more : 0);
}

/* A count of connections, or of their bytes. */
static void add_seen(
	struct text *text, const char *key, const struct report *report, uint64_t count)
{
	add_count(text, key, report_knows(report, count), count);
}

static void add_connections(struct text *text, const struct report *report)
{
	const struct conn_totals *since = &report->connections.since;
	const bool known = report_sees_connections(report);

	open_object(text, "connections");
	add_string(text, "detector", report_detector_name(report->connections.detector));
	add_ports(text, report);
	add_seen(text, "open_at_stop", report, report->connections.open_at_stop);
	add_seen(text, "busy_at_stop", report, since->busy_at_start);
	add_seen(text, "peak_busy", report, since->peak_busy);
	add_seen(text, "arrived_after_stop", report, since->arrived);
	add_seen(text, "finished", report, since->finished);
	add_seen(text, "cut", report, since->cut);
	add_seen(text, "unknown", report, since->unknown);
	add_count(text, "flushed_bytes", known, since->flushed_bytes);
	add_seen(text, "lost_bytes", report, since->lost_bytes);
	add_seen(text, "longest_ms", report, (uint64_t)since->longest_ms);
	add_seen(text, "accept_queue_at_stop", report, report->connections.accept_queue_at_stop);
	add_seen(text, "accept_queue_lost", report, since->accept_queue_lost);
	add_blockers(text, known, &since->blockers);
	text_add(text, "}");
}

static void add_job_holder(struct text *text, const struct job_holder *holder)
{
	separate(text);
	text_add(text, "{");
	add_count(text, "pid", true, (uint64_t)holder->pid);
	add_string(text, "name", holder->name);
	add_count(text, "jobs", true, holder->busy);
	add_msec(text, "held_ms", holder->held_ms);
	add_string(text, "ended", job_end_name(holder->end));
	text_add(text, "}");
}

static void add_jobs(struct text *text, const struct jobs *jobs)
{
	open_object(text, "jobs");
	add_count(text, "at_stop", true, jobs->at_stop);
	add_count(text, "peak", true, jobs->peak);
	add_count(text, "finished", true, jobs->ended[JOB_FINISHED]);
	add_count(text, "cut", true, jobs->ended[JOB_CUT]);
	add_count(text, "unknown", true, jobs->ended[JOB_UNKNOWN]);
	add_count(text, "untracked", true, jobs->untracked);
	open_array(text, "held_by");
	for (size_t i = 0; i < jobs->holder_count; i++)
		add_job_holder(text, &jobs->holders[i]);
	text_add(text, "]");
	add_count(text, "held_by_more", true, jobs->more_holders);
	text_add(text, "}");
}

static void add_notify(struct text *text, const struct report *report)
{
	open_object(text, "notify");
	add_msec(text, "ready_ms", report->notify.ready_ms);
	add_bool(text, "stopping", true, report->notify.stopping);
	add_string(text, "status", report->notify.status);
	add_count(text, "received", true, report->notify.received);
	add_count(text, "ignored", true, report->notify.ignored);
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
	add_string(text, "stop_signal", report->app.stop_signal);
	add_bool(text, "handles_stop_signal", handles >= 0, handles > 0);
	add_string(text, "waited_for", waited_for_name(report->app.waited_for));
	add_msec(text, "idle_ms", report->app.idle_ms);
	add_count(text, "leftovers", true, report->app.leftovers);
	add_count(text, "leftovers_killed", true, report->app.leftovers_killed);
	add_count(text, "exec_jobs", true, report->app.exec_jobs);
	add_count(text, "exec_shells", true, report->app.exec_shells);
	add_count(text, "exec_killed", true, report->app.exec_killed);
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

static void add_timeline(struct text *text, const struct timeline *timeline, size_t all)
{
	add_count(text, "timeline_more", true, all - timeline->count);
	open_array(text, "timeline");
	for (size_t i = 0; i < timeline->count; i++) {
		const struct timeline_point *point = &timeline->points[i];

		separate(text);
		text_printf(text, "[%" PRIu32 ",%" PRIu32 ",%" PRIu32 "]", point->at_ms,
			point->busy, point->open);
	}
	text_add(text, "]");
}

/* What follows the labels, at most, with a timeline of the three points that are always kept. */
#define AFTER_LABELS                                                                               \
	"},\"labels_more\":24,\"timeline_more\":120,\"timeline\":["                                \
	"[4294967295,4294967295,4294967295],[4294967295,4294967295,4294967295],"                   \
	"[4294967295,4294967295,4294967295]]}\n"

/* The labels are the only part without a limit of its own: one that does not fit beside the coarsest
 * timeline is left out. */
static void add_labels(struct text *text, const struct report *report)
{
	unsigned left_out = 0;

	open_object(text, "labels");
	for (unsigned i = 0; i < report->labels.count && !text->truncated; i++) {
		const size_t len_before = text->len;

		add_string(text, report->labels.list[i].key, report->labels.list[i].value);
		if (text->truncated || text->cap - text->len < sizeof AFTER_LABELS) {
			text_cut(text, len_before);
			left_out++;
		}
	}
	text_add(text, "}");
	add_count(text, "labels_more", true, left_out);
}

/* The timeline is last, for CloudWatch Logs Insights finds the first 200 values of an event, and
 * each point is three. */
static void add_line(
	struct text *text, const struct report *report, const struct timeline *timeline, size_t all)
{
	text_add(text, "{");
	add_string(text, "schema", REPORT_SCHEMA);
	add_string(text, "version", report->version);
	add_string(text, "outcome", report_outcome_name(report->outcome));
	add_names(text, "degraded", report->degraded, degraded_name, REPORT_DEGRADED_COUNT);
	add_names(text, "diagnosis", report->diagnosis, diagnosis_name, REPORT_DIAGNOSIS_COUNT);
	add_stop(text, report);
	add_phases(text, report);
	add_msec(text, "headroom_ms", report->headroom_ms);
	add_connections(text, report);
	add_jobs(text, report->jobs);
	add_app(text, report);
	add_notify(text, report);
	add_health(text, report);
	add_count(text, "reaped", true, report->reaped);
	add_labels(text, report);
	add_timeline(text, timeline, all);
	text_add(text, "}\n");
}

void report_write_json(struct text *text, const struct report *report)
{
	struct timeline timeline = report->timeline;
	size_t all;
	struct text line;

	if (!report_sees_connections(report))
		timeline.count = 0;
	all = timeline.count;
	do {
		text_init(&line, text->buf + text->len, text->cap - text->len);
		if (line.cap > REPORT_MAX_BYTES)
			line.cap = REPORT_MAX_BYTES;
		add_line(&line, report, &timeline, all);
	} while (line.truncated && timeline_thin(&timeline));
	if (line.truncated) {
		text_cut(&line, 0);
		text->truncated = true;
	}
	text->len += line.len;
}

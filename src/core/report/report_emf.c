/* SPDX-License-Identifier: MIT */
/* The report as CloudWatch's Embedded Metric Format: one JSON object whose member _aws says which of the other
 * members are metrics. Objects of the specification have no other members than its own, each metric and dimension
 * is a member of the root, a metric's value is a number, and a dimension's value a string. */
#include "core/report/report.h"
#include "core/text/json_text.h"

#include <inttypes.h>

#define NAMESPACE "lastcall"
#define METRICS_MAX 20
#define DIMENSION_MAX_CHARACTERS 1024

struct metric {
	const char *name, *unit;
	int64_t value;
};

/* Those that are known. */
struct metrics {
	unsigned count;
	struct metric list[METRICS_MAX];
};

struct dimension {
	const char *name, *label;
	const char *value; /* NULL: there is none */
};

static void add(struct metrics *metrics, const char *name, const char *unit, int64_t value)
{
	metrics->list[metrics->count++] = (struct metric){name, unit, value};
}

static void add_time(struct metrics *metrics, const char *name, msec_t value)
{
	if (value != MSEC_NEVER)
		add(metrics, name, "Milliseconds", value);
}

/* A count of connections, or of their bytes. */
static void add_seen(struct metrics *metrics, const struct report *report, const char *name,
	const char *unit, uint64_t value)
{
	if (report_knows(report, value))
		add(metrics, name, unit, value < INT64_MAX ? (int64_t)value : INT64_MAX);
}

static void gather(struct metrics *metrics, const struct report *report)
{
	const struct conn_totals *since = &report->connections.since;

	add(metrics, "Stops", "Count", 1);
	add(metrics, "LostWork", "Count", report_lost_work(report));
	add(metrics, "Killed", "Count", report->outcome == REPORT_KILLED);
	add_time(metrics, "StopTime", report->phases_ms.total);
	add_time(metrics, "DrainTime", report->phases_ms.drain);
	add_time(metrics, "DoubtTime", report->phases_ms.doubt);
	add_time(metrics, "Headroom", report->headroom_ms);
	add_seen(metrics, report, "RequestsFinished", "Count", since->finished);
	add_seen(metrics, report, "RequestsCut", "Count", since->cut);
	add_seen(metrics, report, "RequestsUnknown", "Count", since->unknown);
	add_seen(metrics, report, "ConnectionsBusyAtStop", "Count", since->busy_at_start);
	add_seen(metrics, report, "ConnectionsArrivedAfterStop", "Count", since->arrived);
	add_seen(metrics, report, "ConnectionsLostInQueue", "Count", since->accept_queue_lost);
	add_seen(metrics, report, "BytesFlushed", "Bytes", since->flushed_bytes);
	add_seen(metrics, report, "BytesLost", "Bytes", since->lost_bytes);
	if (report->jobs->peak > 0) { /* each metric has its price */
		add(metrics, "JobsFinished", "Count", (int64_t)report->jobs->ended[JOB_FINISHED]);
		add(metrics, "JobsCut", "Count", (int64_t)report->jobs->ended[JOB_CUT]);
	}
	if (report_knows(report, (uint64_t)since->longest_ms))
		add_time(metrics, "LongestRequest", since->longest_ms);
}

/* CloudWatch refuses a dimension without a visible character, and those of other characters than ASCII
 * (Amazon CloudWatch API Reference, Dimension). */
static bool is_dimension(const char *value)
{
	bool is_visible = false;
	size_t len = 0;

	for (; value[len] != '\0'; len++) {
		if (value[len] < ' ' || value[len] > '~')
			return false;
		is_visible |= value[len] != ' ';
	}
	return is_visible && len <= DIMENSION_MAX_CHARACTERS;
}

static void add_directive(
	struct text *text, const struct metrics *metrics, const struct dimension *dimensions)
{
	const char *before = "";

	text_add(text, "{\"Namespace\":\"" NAMESPACE "\",\"Dimensions\":[[");
	for (unsigned i = 0; dimensions[i].name != NULL; i++) {
		if (dimensions[i].value == NULL)
			continue;
		text_printf(text, "%s\"%s\"", before, dimensions[i].name);
		before = ",";
	}
	text_add(text, "]],\"Metrics\":[");
	for (unsigned i = 0; i < metrics->count; i++)
		text_printf(text, "%s{\"Name\":\"%s\",\"Unit\":\"%s\"}", i > 0 ? "," : "",
			metrics->list[i].name, metrics->list[i].unit);
	text_add(text, "]}");
}

static void add_string(struct text *text, const char *name, const char *value)
{
	text_printf(text, ",\"%s\":", name);
	text_add_json(text, value);
}

/* A label that does not fit is left out: what follows is "}}\n". */
static void add_labels(struct text *text, const struct report *report)
{
	const char *before = "";

	text_add(text, ",\"labels\":{");
	for (unsigned i = 0; i < report->labels.count && !text->truncated; i++) {
		const size_t start = text->len;

		text_add(text, before);
		text_add_json(text, report->labels.list[i].key);
		text_add(text, ":");
		text_add_json(text, report->labels.list[i].value);
		if (text->truncated || text->cap - text->len < sizeof "}}\n")
			text_cut(text, start);
		else
			before = ",";
	}
	text_add(text, "}");
}

void report_write_emf(struct text *text, const struct report *report)
{
	struct dimension dimensions[] = {
		{.name = "ClusterName", .label = "cluster"},
		{.name = "ServiceName", .label = "service"},
		{.name = NULL},
	};
	struct metrics metrics = {.count = 0};

	for (unsigned i = 0; dimensions[i].name != NULL; i++) {
		const char *value = label_list_value(&report->labels, dimensions[i].label);

		if (value != NULL && is_dimension(value))
			dimensions[i].value = value;
	}
	gather(&metrics, report);
	text_printf(text, "{\"_aws\":{\"Timestamp\":%" PRId64 ",\"CloudWatchMetrics\":[",
		report->stop.at_unix_ms);
	add_directive(text, &metrics, dimensions);
	text_add(text, "]}");
	for (unsigned i = 0; dimensions[i].name != NULL; i++) {
		if (dimensions[i].value != NULL)
			add_string(text, dimensions[i].name, dimensions[i].value);
	}
	for (unsigned i = 0; i < metrics.count; i++)
		text_printf(text, ",\"%s\":%" PRId64, metrics.list[i].name, metrics.list[i].value);
	add_string(text, "outcome", report_outcome_name(report->outcome));
	add_string(text, "version", report->version);
	add_labels(text, report);
	text_add(text, "}\n");
}

/* SPDX-License-Identifier: MIT */
#include "core/http/metrics.h"

#include "core/text/json_text.h"

#include <inttypes.h>
#include <string.h>

#define BODY_BYTES (METRICS_ANSWER_BYTES - HEADER_BYTES)
#define HEADER_BYTES 256
#define LABEL_BYTES 4000 /* labels beyond that are left out */

struct page {
	struct text text;
	bool is_openmetrics;
};

/* OpenMetrics names the family, and the text format the samples: lastcall_reaped, of which the sample is
 * lastcall_reaped_total, is there called by the latter. */
static void add_family(
	struct page *page, const char *name, const char *suffix, const char *type, const char *help)
{
	if (page->is_openmetrics)
		suffix = "";
	text_printf(&page->text, "# HELP lastcall_%s%s %s\n# TYPE lastcall_%s%s %s\n", name, suffix,
		help, name, suffix, type);
}

static void add_gauge(struct page *page, const char *name, uint64_t value, const char *help)
{
	add_family(page, name, "", "gauge", help);
	text_printf(&page->text, "lastcall_%s %" PRIu64 "\n", name, value);
}

static void add_counter(struct page *page, const char *name, uint64_t value, const char *help)
{
	add_family(page, name, "_total", "counter", help);
	text_printf(&page->text, "lastcall_%s_total %" PRIu64 "\n", name, value);
}

static void add_seconds(struct page *page, const char *name, int64_t ms, const char *help)
{
	add_family(page, name, "", "gauge", help);
	if (ms == MSEC_NEVER)
		text_printf(&page->text, "lastcall_%s +Inf\n", name);
	else
		text_printf(&page->text, "lastcall_%s %" PRId64 ".%03d\n", name, ms / 1000,
			(int)(ms % 1000));
}

static void add_build(struct page *page, const struct metrics *metrics)
{
	add_family(page, "build", "_info", page->is_openmetrics ? "info" : "gauge",
		"Which lastcall this is.");
	text_printf(&page->text, "lastcall_build_info{version=\"%s\"} 1\n", metrics->version);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A label's name is made of letters, digits and '_', and begins with none of the digits; '__' is kept for
 * Prometheus itself ("Data model", Prometheus documentation). */
static void add_label_name(struct text *text, const char *key)
{
	if (!is_letter(*key))
		text_add(text, "label_");
	for (; *key != '\0'; key++)
		text_add_char(text, is_letter(*key) || (*key >= '0' && *key <= '9') ? *key : '_');
}

/* Both formats escape three characters, and are UTF-8. */
static void add_label_value(struct text *text, const char *value)
{
	while (*value != '\0') {
		size_t len = text_utf8_sequence((const unsigned char *)value);

		if (*value == '\n')
			text_add(text, "\\n");
		else if (*value == '"' || *value == '\\')
			text_printf(text, "\\%c", *value);
		else if (len == 0)
			text_add(text, "\xEF\xBF\xBD");
		else
			text_add_bytes(text, value, len);
		value += len > 0 ? len : 1;
	}
}

/* Whether the text has a label of this name already: a.b and a-b are both called a_b. */
static bool has_label_name(const struct text *labels, const struct text *name)
{
	for (const char *at = labels->buf; *at != '\0'; at++) {
		if ((at == labels->buf || at[-1] == ',') && strncmp(at, name->buf, name->len) == 0)
			return true;
	}
	return false;
}

static void add_label(struct text *labels, const struct label *label)
{
	const size_t start = labels->len;
	char bytes[1024 + 16];
	struct text name;

	text_init(&name, bytes, sizeof bytes);
	add_label_name(&name, label->key);
	text_add(&name, "=\"");
	if (has_label_name(labels, &name))
		return;
	text_printf(labels, "%s%s", start > 0 ? "," : "", bytes);
	add_label_value(labels, label->value);
	text_add(labels, "\"");
	if (labels->truncated)
		text_cut(labels, start);
}

static void add_labels(struct page *page, const struct label_list *list)
{
	char bytes[LABEL_BYTES];
	struct text labels;

	if (list == NULL || list->count == 0)
		return;
	text_init(&labels, bytes, sizeof bytes);
	for (unsigned i = 0; i < list->count; i++)
		add_label(&labels, &list->list[i]);
	add_family(page, "labels", "_info", page->is_openmetrics ? "info" : "gauge",
		"Labels of the container.");
	text_printf(&page->text, "lastcall_labels_info{%s} 1\n", bytes);
}

/* OpenMetrics has a type for it, whose label would have to be called lastcall_state: then no query
 * would work with both formats. */
static void add_state(struct page *page, const struct metrics *metrics)
{
	add_family(page, "state", "", "gauge",
		"What the health endpoint says: 1 for the current state.");
	for (int state = 0; state < HEALTH_STATE_COUNT; state++)
		text_printf(&page->text, "lastcall_state{state=\"%s\"} %d\n",
			health_state_name((enum health_state)state), (int)metrics->state == state);
}

static void add_connections(struct page *page, const struct metrics *metrics)
{
	add_gauge(page, "connections_visible", metrics->connections_known,
		"Whether the application's connections can be seen: else those below are absent.");
	if (!metrics->connections_known)
		return;
	add_family(page, "connections", "", "gauge", "Open connections of the application.");
	text_printf(&page->text,
		"lastcall_connections{state=\"busy\"} %u\n"
		"lastcall_connections{state=\"unsure\"} %u\n"
		"lastcall_connections{state=\"recent\"} %u\n"
		"lastcall_connections{state=\"idle\"} %u\n",
		metrics->busy, metrics->unsure, metrics->recent, metrics->idle);
	add_gauge(page, "accept_queue_connections", metrics->unaccepted,
		"Busy connections that the application has not accepted yet.");
	add_gauge(page, "undelivered_bytes", metrics->undelivered_bytes,
		"Bytes of the application that its clients have not acknowledged.");
	if (metrics->age_ms >= 0)
		add_seconds(page, "connections_age_seconds", metrics->age_ms,
			"How long ago the connections were counted.");
}

/* Probes are answered with these two; the others appear when they are. */
static void add_answers(struct page *page, const struct metrics *metrics)
{
	add_family(page, "health_requests", "_total", "counter",
		"Requests to the health endpoint, by status.");
	for (int i = 0; i < METRICS_STATUS_COUNT; i++) {
		if (metrics->answers[i] > 0 || i == 0 || i == 503 - 200)
			text_printf(&page->text,
				"lastcall_health_requests_total{code=\"%d\"} %" PRIu64 "\n",
				200 + i, metrics->answers[i]);
	}
}

static void add_metrics(struct page *page, const struct metrics *metrics)
{
	add_build(page, metrics);
	add_labels(page, metrics->labels);
	add_seconds(page, "app_start_time_seconds", metrics->app_started_unix_ms,
		"When the application was started, since the Unix epoch.");
	add_state(page, metrics);
	add_gauge(page, "drain_in_progress", metrics->deadline_ms != MSEC_NEVER,
		"Whether a stop is under way.");
	add_seconds(page, "stop_deadline_seconds", metrics->deadline_ms,
		"Time left until lastcall is gone; +Inf before a stop.");
	add_connections(page, metrics);
	add_gauge(page, "jobs", metrics->jobs,
		"Work that no socket shows, as the application's processes declare it.");
	if (metrics->asks_for_protection)
		add_gauge(page, "task_protected", metrics->is_protected,
			"Whether the task of Amazon ECS is protected from scale-in.");
	add_counter(page, "reaped", metrics->reaped, "Orphaned processes that have ended.");
	add_answers(page, metrics);
	add_counter(page, "health_refused", metrics->refused,
		"Requests to the health endpoint that got a 4xx or 5xx for "
		"themselves, and connections dropped for want of room or time.");
	if (page->is_openmetrics)
		text_add(&page->text, "# EOF\n");
}

size_t metrics_answer(
	char *buf, size_t cap, const struct http_request *request, const struct metrics *metrics)
{
	char body[BODY_BYTES];
	struct page page = {.is_openmetrics = request->accepts_openmetrics};
	struct text answer;

	text_init(&page.text, body, sizeof(body));
	add_metrics(&page, metrics);
	text_init(&answer, buf, cap);
	health_add_answer(&answer, 200,
		page.is_openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
				    : "text/plain; version=0.0.4; charset=utf-8",
		&page.text, request->method, request->keep_alive);
	return answer.len;
}

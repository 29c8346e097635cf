/* SPDX-License-Identifier: MIT */
#include "core/status/status.h"

#include "core/cli/option_parser.h"
#include "core/stop/stop_phases.h"
#include "core/tcp/peer_text.h"
#include "core/text/json_text.h"

#include <string.h>

#define PORTS_MAX 64
#define TAIL_BYTES 64 /* what follows the last list */

static void add_key(struct text *text, const char *key)
{
	char last = text->len > 0 ? text->buf[text->len - 1] : '{';

	text_printf(text, "%s\"%s\":", last == '{' || last == '[' ? "" : ",", key);
}

static void add_string(struct text *text, const char *key, const char *value)
{
	add_key(text, key);
	if (value != NULL)
		text_add_json(text, value);
	else
		text_add(text, "null");
}

static void add_bool(struct text *text, const char *key, bool value)
{
	add_key(text, key);
	text_add(text, value ? "true" : "false");
}

/* No JSON number of ours is negative: below 0 is null, and so is MSEC_NEVER. */
static void add_count(struct text *text, const char *key, int64_t value)
{
	char digits[24];
	size_t at = sizeof digits;

	add_key(text, key);
	if (value < 0 || value == MSEC_NEVER) {
		text_add(text, "null");
		return;
	}
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	text_add_bytes(text, digits + at, sizeof digits - at);
}

/* Keys, each behind the NUL of the one before, with their values. */
static void add_counts(struct text *text, const char *keys, const int64_t *values)
{
	for (; *keys != '\0'; keys += strlen(keys) + 1)
		add_count(text, keys, *values++);
}

static void begin(struct text *text, const char *key, char bracket)
{
	add_key(text, key);
	text_add_char(text, bracket);
}

static void add_forecast(struct text *text, const struct status *status)
{
	const struct stop_forecast *forecast = &status->forecast;

	begin(text, "stop", '{');
	add_bool(text, "under_way", forecast->is_under_way);
	add_string(text, "phase",
		forecast->is_under_way ? stop_state_name(status->plan->state) : NULL);
	add_string(text, "waits_for", stop_waits_name(forecast->waits_for));
	add_count(text, "at_least_ms", forecast->at_least);
	add_count(text, "at_most_ms", forecast->at_most);
	add_bool(text, "cuts_off", forecast->is_cut_off);
	add_count(text, "sigkill_in_ms", forecast->kill_in);
	add_count(text, "exit_in_ms", forecast->exit_in);
	text_add_char(text, '}');
}

static void add_app(struct text *text, const struct status *status)
{
	begin(text, "app", '{');
	add_count(text, "pid", status->app_pid > 0 ? status->app_pid : -1);
	add_string(text, "name", status->app_name);
	text_add_char(text, '}');
}

static void add_notify(struct text *text, const struct status *status)
{
	begin(text, "notify", '{');
	add_bool(text, "open", status->is_notify_open);
	add_bool(text, "ready", status->is_ready);
	add_bool(text, "stopping", status->is_stopping);
	add_string(text, "status", status->says[0] != '\0' ? status->says : NULL);
	text_add_char(text, '}');
	add_count(text, "jobs", status->jobs);
}

static void add_ports(struct text *text, const struct port_set *ports)
{
	unsigned shown = 0;

	begin(text, "ports", '[');
	for (int port = port_set_next(ports, 0); port >= 0 && shown < PORTS_MAX;
		port = port_set_next(ports, (unsigned)port + 1))
		text_printf(text, "%s%d", shown++ > 0 ? "," : "", port);
	text_add_char(text, ']');
	add_count(text, "ports_more", ports->count - shown);
}

static void add_connection(struct text *text, const struct listed_connection *c)
{
	char bytes[PEER_TEXT_BYTES];
	struct text peer;

	text_init(&peer, bytes, sizeof bytes);
	peer_text_add(&peer, c->family, c->peer, c->peer_port);
	text_add(text, text->buf[text->len - 1] == '[' ? "{" : ",{");
	add_string(text, "peer", bytes);
	add_count(text, "port", c->local_port);
	add_string(text, "verdict", connection_class_name(c->connection_class));
	add_count(text, "quiet_ms", c->quiet_ms);
	add_count(text, "idle_in_ms", c->settles_in > 0 ? c->settles_in : -1);
	add_bool(text, "accepted", c->is_accepted);
	add_count(text, "unread_bytes", c->unread_bytes);
	add_count(text, "undelivered_bytes", c->undelivered_bytes);
	text_add_char(text, '}');
}

static void add_connections(struct text *text, const struct status *status)
{
	const struct conn_counts *counts = &status->counts;
	static const int64_t unknown[] = {-1, -1, -1, -1, -1, -1, -1};
	const int64_t values[] = {counts->open, counts->busy, counts->unsure,
		(int64_t)counts->held - counts->busy - counts->unsure, counts->idle,
		counts->unaccepted, (int64_t)counts->undelivered_bytes};
	size_t shown = status->connections.count;

	begin(text, "connections", '{');
	add_string(text, "detector", report_detector_name(status->detector));
	add_bool(text, "known", status->connections_known);
	add_count(text, "polled_ms_ago", status->polled_ms_ago);
	add_counts(text,
		"open\0"
		"busy\0"
		"unsure\0"
		"recent\0"
		"idle\0"
		"unaccepted\0"
		"undelivered_bytes\0",
		status->connections_known ? values : unknown);
	add_ports(text, status->ports);
	begin(text, "list", '[');
	for (size_t i = 0; i < shown; i++)
		add_connection(text, &status->connections.list[i]);
	text_add_char(text, ']');
	add_count(text, "list_more", counts->open > shown ? (int64_t)(counts->open - shown) : 0);
	text_add_char(text, '}');
}

static void add_settings(struct text *text, const struct status *status)
{
	const struct stop_budget *budget = &status->plan->budget;
	const int64_t values[] = {budget->margin, budget->drain, budget->min_drain,
		budget->quiet_period, budget->term_grace, budget->longest_request};

	add_string(text, "platform", budget->platform->name);
	begin(text, "settings", '{');
	add_count(text, "stop_timeout_ms", budget->timeout);
	add_string(text, "stop_timeout_source", budget->timeout_source);
	add_counts(text,
		"margin_ms\0"
		"drain_budget_ms\0"
		"min_drain_ms\0"
		"quiet_period_ms\0"
		"term_grace_ms\0"
		"longest_request_ms\0",
		values);
	add_bool(text, "drains", !budget->at_once);
	add_bool(text, "signal_first", status->plan->settings.order == ORDER_SIGNAL_FIRST);
	text_add_char(text, '}');
}

/* What was given and the labels are the user's, and may be long: those that do not fit are counted. */
static void add_bounded(struct text *text, const char *key, const char *value, unsigned *left_out)
{
	size_t before = text->len;

	add_string(text, key, value);
	if (text->truncated || text->cap - text->len < TAIL_BYTES) {
		text_cut(text, before);
		(*left_out)++;
	}
}

static void add_given(struct text *text, const struct options *options)
{
	unsigned left_out = 0;

	begin(text, "given", '{');
	for (int id = 0; id < OPTION_COUNT; id++) {
		if (options->given[id] != NULL)
			add_bounded(text, option_name((enum option_id)id), options->given[id],
				&left_out);
	}
	text_add_char(text, '}');
	add_count(text, "given_more", left_out);
}

static void add_labels(struct text *text, const struct label_list *labels)
{
	unsigned left_out = 0;

	begin(text, "labels", '{');
	for (unsigned i = 0; i < labels->count; i++)
		add_bounded(text, labels->list[i].key, labels->list[i].value, &left_out);
	text_add_char(text, '}');
	add_count(text, "labels_more", left_out);
}

void status_write_json(struct text *text, const struct status *status)
{
	text_add(text, "{");
	add_string(text, "schema", "lastcall.status/1");
	add_string(text, "version", status->version);
	add_forecast(text, status);
	add_string(text, "state", health_state_name(status->state));
	add_count(text, "since_ms", status->since_ms);
	add_string(text, "reason", status->reason[0] != '\0' ? status->reason : NULL);
	add_app(text, status);
	add_notify(text, status);
	add_connections(text, status);
	add_settings(text, status);
	add_labels(text, status->labels);
	add_given(text, status->options);
	text_add(text, "}\n");
}

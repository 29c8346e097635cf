/* SPDX-License-Identifier: MIT */
#include "core/status/status.h"

#include "core/cli/option_parser.h"
#include "core/tcp/peer_text.h"
#include "core/text/duration.h"

#include <string.h>

#define SHOWN_CONNECTIONS 10 /* so that all fits on a screen */
#define SHOWN_PORTS 8
#define HEADING_BYTES 14
#define LINE_BYTES 80

static const char *plural(unsigned count)
{
	return count == 1 ? "" : "s";
}

/* ---- what a stop waits for ---- */

/* "2 busy, 1 unsure connections": what holds the drain. */
static void add_held(struct text *text, const struct conn_counts *counts)
{
	unsigned recent = counts->held - counts->busy - counts->unsure;
	const char *comma = "";

	if (counts->busy > 0) {
		text_printf(text, "%u busy", counts->busy);
		comma = ", ";
	}
	if (counts->unsure > 0) {
		text_printf(text, "%s%u unsure", comma, counts->unsure);
		comma = ", ";
	}
	if (recent > 0)
		text_printf(text, "%s%u recent", comma, recent);
	text_printf(text, " connection%s", plural(counts->held));
}

static void add_work(struct text *text, const struct status *status)
{
	if (status->counts.held > 0)
		add_held(text, &status->counts);
	if (status->counts.held > 0 && status->jobs > 0)
		text_add(text, " and ");
	if (status->jobs > 0)
		text_printf(text, "%u job%s", status->jobs, plural(status->jobs));
	else if (status->counts.held == 0)
		text_add(text, "work in flight");
}

/* Durations of a forecast need no milliseconds. */
static void add_time(struct text *text, msec_t msec)
{
	duration_add(text, msec < 1000 || msec == MSEC_NEVER ? msec : (msec + 50) / 100 * 100);
}

static void add_wait(struct text *text, const struct status *status)
{
	const struct stop_forecast *forecast = &status->forecast;

	switch (forecast->waits_for) {
	case STOP_WAITS_NOTHING:
		text_add(text, " waits for nothing");
		return;
	case STOP_WAITS_WORK:
		text_add(text, " waits for ");
		add_work(text, status);
		break;
	case STOP_WAITS_BLIND:
		text_add(text, " waits although it cannot see connections");
		break;
	case STOP_WAITS_MINIMUM:
		text_add(text, " finds nothing in flight, and serves on");
		break;
	case STOP_WAITS_APP:
		if (forecast->is_under_way)
			text_add(text, " waits for the application to exit");
		else if (forecast->is_cut_off)
			text_add(text, " signals the application at once, with ");
		else
			text_add(text, " finds nothing in flight, and signals the application");
		if (forecast->is_cut_off && !forecast->is_under_way)
			add_work(text, status);
		break;
	case STOP_WAITS_OTHERS:
		text_add(text, " waits for the other processes to exit");
		break;
	case STOP_WAITS_KILL:
		text_add(text, " waits for killed processes to end");
		break;
	case STOP_WAITS_BYTES:
		text_printf(text, " waits for %u bytes to be delivered",
			(unsigned)status->counts.undelivered_bytes);
		break;
	case STOP_WAITS_COUNT:
		return;
	}
	if (forecast->waits_for == STOP_WAITS_APP && !forecast->is_under_way)
		return;
	text_add(text, forecast->waits_for == STOP_WAITS_MINIMUM ? " for " : ", for ");
	text_add(text, forecast->at_least == forecast->at_most ? "" : "at most ");
	add_time(text, forecast->at_most);
}

/* The first line: what a stop would lose or wait for. */
static void add_forecast(struct text *text, const struct status *status)
{
	const struct stop_forecast *forecast = &status->forecast;
	bool may_lose;

	text_add(text, forecast->is_under_way ? "This stop" : "A stop now");
	add_wait(text, status);
	text_add(text, ".\n");
	if (forecast->waits_for == STOP_WAITS_NOTHING)
		return;
	may_lose = forecast->waits_for == STOP_WAITS_WORK ||
		   forecast->waits_for == STOP_WAITS_BLIND || forecast->is_cut_off;
	text_add(text, may_lose ? "What is not finished by SIGKILL, in at most "
				: "SIGKILL comes in at most ");
	add_time(text, forecast->kill_in);
	text_add(text, may_lose ? ", is lost.\n" : ".\n");
}

/* ---- lines with a heading ---- */

static void begin_line(struct text *text, const char *heading)
{
	text_printf(text, "%-*s", HEADING_BYTES, heading);
}

static void add_state(struct text *text, const struct status *status)
{
	begin_line(text, "state");
	text_printf(text, "%s for ", health_state_name(status->state));
	add_time(text, status->since_ms);
	if (status->reason[0] != '\0')
		text_printf(text, ": %s", status->reason);
	text_add(text, "\n");
}

static void add_app(struct text *text, const struct status *status)
{
	begin_line(text, "application");
	if (status->app_pid > 0)
		text_printf(text, "pid %d, %.48s\n", status->app_pid, status->app_name);
	else
		text_add(text, "has exited\n");
}

/* What the application says of itself, where it has said anything. */
static void add_notify(struct text *text, const struct status *status)
{
	if (status->is_ready || status->is_stopping || status->says[0] != '\0') {
		begin_line(text, "it says");
		text_add(text, status->is_stopping ? "stopping" : status->is_ready ? "ready" : "");
		if ((status->is_ready || status->is_stopping) && status->says[0] != '\0')
			text_add(text, ": ");
		text_printf(text, "%.66s\n", status->says);
	}
	if (status->jobs > 0) {
		begin_line(text, "jobs");
		text_printf(text, "%u\n", status->jobs);
	}
}

static void add_ports(struct text *text, const struct port_set *ports)
{
	unsigned shown = 0;

	if (ports->count == 0)
		return;
	text_printf(text, " on port%s ", plural(ports->count));
	for (int port = port_set_next(ports, 0); port >= 0 && shown < SHOWN_PORTS;
		port = port_set_next(ports, (unsigned)port + 1))
		text_printf(text, "%s%d", shown++ > 0 ? "," : "", port);
	if (ports->count > shown)
		text_printf(text, " and %u more", ports->count - shown);
}

static void add_counts(struct text *text, const struct status *status)
{
	const struct conn_counts *counts = &status->counts;
	unsigned recent = counts->held - counts->busy - counts->unsure;

	begin_line(text, "connections");
	if (!status->connections_known) {
		text_add(text, "cannot be seen\n");
		return;
	}
	text_printf(text, "%u", counts->open);
	add_ports(text, status->ports);
	text_printf(
		text, ": %u busy, %u unsure, %u idle", counts->busy, counts->unsure, counts->idle);
	if (recent > 0)
		text_printf(text, ", %u recent", recent);
	text_add(text, "\n");
}

static void add_connection(struct text *text, const struct listed_connection *c)
{
	char peer[PEER_TEXT_BYTES], quiet[DURATION_TEXT_BYTES] = "-";
	struct text field;

	text_init(&field, peer, sizeof peer);
	peer_text_add(&field, c->family, c->peer, c->peer_port);
	text_init(&field, quiet, sizeof quiet);
	if (c->quiet_ms >= 0)
		add_time(&field, c->quiet_ms);
	else
		text_add(&field, "-");
	text_printf(text, "  %-22s %5u  %-7s  %-7s  %s", peer, c->local_port,
		connection_class_name(c->connection_class), quiet, connection_list_reason(c));
	if (c->settles_in > 0) {
		text_add(text, ", at most ");
		add_time(text, c->settles_in);
	}
	text_add(text, "\n");
}

static void add_connections(struct text *text, const struct status *status)
{
	const struct connection_list *list = &status->connections;
	size_t shown = list->count < SHOWN_CONNECTIONS ? list->count : SHOWN_CONNECTIONS;

	if (!status->connections_known || shown == 0)
		return;
	text_printf(
		text, "  %-22s %5s  %-7s  %-7s  %s\n", "CLIENT", "PORT", "VERDICT", "QUIET", "WHY");
	for (size_t i = 0; i < shown; i++)
		add_connection(text, &list->list[i]);
	if (status->counts.open > shown)
		text_printf(text, "  and %u more\n", (unsigned)(status->counts.open - shown));
}

static void add_budget(struct text *text, const struct status *status)
{
	const struct stop_budget *budget = &status->plan->budget;

	begin_line(text, "platform");
	text_printf(text, "%s\n",
		budget->platform->name != NULL ? budget->platform->name : "not recognised");
	begin_line(text, "stop timeout");
	add_time(text, budget->timeout);
	text_printf(text, " (%s): ", budget->timeout_source);
	if (budget->at_once) {
		text_add(text, "too short to drain in\n");
		return;
	}
	text_add(text, "drain ");
	add_time(text, budget->drain);
	text_add(text, " at most, exit within ");
	add_time(text, budget->gone);
	text_add(text, "\n");
}

/* Adds a word to a line under a heading, which begins anew where the word does not fit. */
static void add_word(struct text *text, size_t *line_at, const char *word)
{
	size_t used = text->len - *line_at;

	if (used > HEADING_BYTES && used + 1 + strlen(word) > LINE_BYTES) {
		text_add(text, "\n");
		*line_at = text->len;
		begin_line(text, "");
	} else if (used > HEADING_BYTES) {
		text_add(text, " ");
	}
	text_add(text, word);
}

/* What was given: all else is a default. */
static void add_settings(struct text *text, const struct options *options)
{
	size_t line_at = text->len;
	char word[160], origin[64];
	struct text part;

	begin_line(text, "settings");
	for (int id = 0; id < OPTION_COUNT; id++) {
		if (options->given[id] == NULL)
			continue;
		text_init(&part, word, sizeof word);
		text_printf(&part, "%s=%s",
			option_origin(options, (enum option_id)id, origin, sizeof origin),
			options->given[id]);
		add_word(text, &line_at, word);
	}
	if (text->len - line_at == HEADING_BYTES)
		text_add(text, "defaults");
	text_add(text, "\n");
}

static void add_labels(struct text *text, const struct label_list *labels)
{
	size_t line_at = text->len;
	char word[320];
	struct text part;

	if (labels->count == 0)
		return;
	begin_line(text, "labels");
	for (unsigned i = 0; i < labels->count; i++) {
		text_init(&part, word, sizeof word);
		text_printf(&part, "%s=%s", labels->list[i].key, labels->list[i].value);
		add_word(text, &line_at, word);
	}
	text_add(text, "\n");
}

void status_write_text(struct text *text, const struct status *status)
{
	add_forecast(text, status);
	text_add(text, "\n");
	add_state(text, status);
	add_app(text, status);
	add_notify(text, status);
	add_counts(text, status);
	add_connections(text, status);
	add_budget(text, status);
	add_settings(text, status->options);
	add_labels(text, status->labels);
}

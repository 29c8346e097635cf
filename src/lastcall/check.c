/* SPDX-License-Identifier: MIT */
#include "lastcall/check.h"

#include "core/cli/environment.h"
#include "core/cli/option_parser.h"
#include "core/cli/option_table.h"
#include "core/text/duration.h"
#include "core/recognise/server_signal.h"
#include "core/text/signal_name.h"
#include "core/stop/stop_timeline.h"
#include "core/stop/stop_signal.h"
#include "lastcall/connection_watch.h"

#include <string.h>
#include <unistd.h>

static void add_ports(struct text *text, const struct options *options)
{
	for (unsigned i = 0; i < options->port_range_count; i++) {
		const struct port_range *range = &options->ports[i];

		text_printf(text, "%s%u", i > 0 ? "," : "", range->first);
		if (range->last > range->first)
			text_printf(text, "-%u", range->last);
	}
}

static void add_labels(struct text *text, const struct options *options)
{
	label_list_write(text, &options->labels);
}

static void add_reports(struct text *text, const struct options *options)
{
	for (unsigned i = 0; i < options->report_count; i++)
		text_printf(text, "%s%.*s", i > 0 ? "," : "", (int)options->reports[i].given_len,
			options->reports[i].given);
	if (options->report_count == 0)
		text_add(text, "off");
}

/* What became another one, FROM:TO with commas. */
static void add_map(struct text *text, const uint8_t *map, int count, bool are_signals)
{
	size_t start = text->len;

	for (int i = 0; i < count; i++) {
		if (map[i] == i)
			continue;
		text_add(text, text->len > start ? "," : "");
		if (are_signals)
			text_printf(text, "%s:%s", signal_name(i) + 3,
				map[i] > 0 ? signal_name(map[i]) + 3 : "0");
		else
			text_printf(text, "%d:%d", i, map[i]);
	}
	if (text->len == start)
		text_add(text, "none");
}

/* The value in effect: what was given, or what the default came to. */
static void add_value(struct text *text, enum option_id id, const struct options *options,
	const struct stop_budget *budget, const char *container)
{
	const bool *flag = option_flag(options, id);

	if (flag != NULL) {
		text_add(text, *flag ? "on" : "off");
		return;
	}
	switch ((int)id) {
	case OPTION_STOP_TIMEOUT:
		duration_add(text, budget->timeout);
		return;
	case OPTION_MARGIN:
		duration_add(text, budget->margin);
		return;
	case OPTION_DRAIN_BUDGET:
		duration_add(text, budget->drain);
		return;
	case OPTION_MIN_DRAIN:
		duration_add(text, budget->min_drain);
		return;
	case OPTION_QUIET_PERIOD:
		duration_add(text, budget->quiet_period);
		return;
	case OPTION_TERM_GRACE:
		duration_add(text, budget->term_reserve);
		if (budget->term_grace == MSEC_NEVER)
			text_add(text, " or more");
		return;
	case OPTION_LONGEST_REQUEST:
		duration_add(text, budget->longest_request);
		return;
	case OPTION_STOP_SIGNAL:
		text_add(text,
			options->stop_signal > 0 ? signal_name(options->stop_signal) : "see below");
		return;
	case OPTION_STOP_ON:
		stop_signal_add_list(text, options, container);
		return;
	case OPTION_PARENT_DEATH_SIGNAL:
		text_add(text, options->parent_death_signal > 0
				       ? signal_name(options->parent_death_signal)
				       : "none");
		return;
	case OPTION_REWRITE:
		add_map(text, options->rewrite, SIGNAL_MAX + 1, true);
		return;
	case OPTION_EXIT_MAP:
		add_map(text, options->exit_map, EXIT_CODES, false);
		return;
	case OPTION_PORT:
		if (options->port_range_count > 0)
			add_ports(text, options);
		else
			text_add(text, "found");
		return;
	case OPTION_REPORT:
		add_reports(text, options);
		return;
	case OPTION_APP_CHECK:
		for (unsigned i = 0; i < options->app_check_count; i++)
			text_printf(text, "%s%s", i > 0 ? "," : "", options->app_checks[i].text);
		return;
	case OPTION_LABEL:
		add_labels(text, options);
		return;
	default:
		text_add(text,
			options->given[id] != NULL ? options->given[id] : option_default_text(id));
	}
}

static void add_setting(struct text *text, enum option_id id, const struct options *options,
	const struct stop_budget *budget, const char *container)
{
	const char *usual = option_default_text(id);
	char bytes[256], origin[64];
	struct text value;

	text_init(&value, bytes, sizeof bytes);
	add_value(&value, id, options, budget, container);
	text_printf(text, "  %-19s %-14s ", option_name(id), bytes);
	if (options->given[id] != NULL)
		text_add(text, option_origin(options, id, origin, sizeof origin));
	else if (id == OPTION_LABEL && options->labels.count > 0)
		text_add(text, "LASTCALL_LABEL_*");
	else if (id == OPTION_STOP_TIMEOUT)
		text_add(text, budget->timeout_source);
	else if ((id == OPTION_MIN_DRAIN && budget->min_drain > 0) ||
		 (id == OPTION_QUIET_PERIOD && budget->quiet_period > 0))
		text_add(text, budget->platform->source);
	else if (strcmp(bytes, usual) == 0 || usual[0] == '\0')
		text_add(text, "default");
	else
		text_printf(text, "default: %s", usual);
	text_add(text, "\n");
}

static void add_platform(
	struct text *text, const struct platform *platform, const struct platform_facts *facts)
{
	if (platform->name == NULL) {
		text_add(text, "Platform: not recognised.\n");
		return;
	}
	text_printf(text, "Platform: %s (", platform->name);
	platform_add_reason(text, platform, facts);
	text_add(text, ").\n");
}

static void add_all_labels(struct text *text, const struct label_list *labels)
{
	if (labels->count == 0)
		return;
	text_add(text, "Labels: ");
	label_list_write(text, labels);
	text_add(text, ".\n");
}

static void add_deadline(
	struct text *text, const struct options *options, const struct stop_budget *budget)
{
	const struct platform *platform = budget->platform;
	char duration[DURATION_TEXT_BYTES];

	text_printf(text, "SIGKILL is expected %s after the stop signal: ",
		duration_text(duration, budget->timeout));
	if (options->given[OPTION_STOP_TIMEOUT] != NULL)
		text_add(text, "it was given");
	else if (strcmp(budget->timeout_source, "ECS_CONTAINER_STOP_TIMEOUT") == 0)
		text_add(text, "as the ECS agent reads ECS_CONTAINER_STOP_TIMEOUT");
	else if (budget->timeout_source != platform->source)
		text_printf(text, "%s says so", budget->timeout_source);
	else if (platform->name == NULL)
		text_add(text, "docker stop's default");
	else
		text_printf(text, "%s waits %s by default", platform->name,
			duration_text(duration, platform->grace));
	text_add(text, ".\n");
}

static void add_detector(
	struct text *text, const struct options *options, const struct stop_budget *budget)
{
	struct log silent = {.sink = {.fd = -1}};
	struct connection_watch *watch;
	enum report_detector detector;
	int events_fd;

	if (connection_watch_new(options, budget, 0, &silent, &watch) < 0) {
		text_add(text, "Detector: out of memory\n");
		return;
	}
	events_fd = connection_watch_follow(watch, NULL, 0);
	detector = connection_watch_detector(watch);
	text_printf(text, "Detector: %s, %s.\n", report_detector_name(detector),
		(detector == REPORT_DETECTOR_NONE
				? "connections cannot be seen: the drain takes its whole budget"
			: detector == REPORT_DETECTOR_PROCNET ? "idle connections look busy"
			: events_fd >= 0
				? "with events for connections that end"
				: "without events: connections that end are noticed by polling"));
	connection_watch_free(watch);
}

/* Which signal is a stop, and what becomes of it. */
static void add_signals(struct text *text, const struct options *options, const char *container)
{
	const struct server_signal *server;
	struct program program = {.words_len = 0};

	program_take_command(&program, options->command);
	server = server_signal_of(&program);
	text_add(text, "Signals: ");
	stop_signal_add_list(text, options, container);
	text_add(text, " start a stop");
	if (options->stop_on == 0)
		text_add(text, ", and QUIT if the application does not handle it");
	if (server != NULL && options->stop_on == 0 && server->also_stops != 0)
		text_printf(
			text, ", and %s for %s", signal_name(server->also_stops) + 3, server->name);
	text_add(text, ".\n");
	if (options->stop_signal > 0)
		text_printf(text, "         The application is sent %s.\n",
			signal_name(options->stop_signal));
	else if (server != NULL)
		text_printf(text,
			"         %s is sent %s when nothing is in flight, %s when work is left.\n",
			server->name, signal_name(server->plain), signal_name(server->finishing));
	else
		text_add(text, "         The application is sent the signal received.\n");
}

static void add_doubt(
	struct text *text, const struct options *options, const struct stop_budget *budget)
{
	char longest[DURATION_TEXT_BYTES], origin[64];

	if (budget->at_once)
		return;
	text_printf(text,
		"Doubt: a stop waits up to %s for connections that may be in use (%s).\n"
		"       It does not wait for connections that health probes saw idle.\n",
		duration_text(longest, budget->longest_request),
		budget->is_longest_given
			? option_origin(options, OPTION_LONGEST_REQUEST, origin, sizeof origin)
			: "--longest-request limits this");
}

/* What the application's messages do. outer: the NOTIFY_SOCKET that lastcall was started with, or NULL. */
static void add_notify(struct text *text, const struct options *options, const char *outer)
{
	text_add(text, "Notify: ");
	switch (options->notify) {
	case NOTIFY_AUTO:
	case NOTIFY_READY:
		text_add(text,
			options->notify == NOTIFY_READY
				? "the health endpoint waits for READY=1"
				: "the application may say that it is ready, and declare jobs");
		if (outer != NULL)
			text_printf(text, "; its messages go on to %s", outer);
		break;
	case NOTIFY_OFF:
		text_add(text, "the application has no NOTIFY_SOCKET");
		break;
	case NOTIFY_PASS:
		if (outer != NULL)
			text_printf(text, "the application has %s", outer);
		else
			text_add(text, "the application has no NOTIFY_SOCKET");
		break;
	}
	text_add(text, ".\n");
}

void check_write(struct text *text, const struct options *options, const struct stop_budget *budget,
	const struct platform_facts *facts, bool address_in_use, const struct label_list *labels)
{
	const char *container = platform_container(facts);
	char gone[DURATION_TEXT_BYTES];

	text_printf(text, "lastcall %s\n\n  %-19s %-14s %s\n", LASTCALL_VERSION, "SETTING", "VALUE",
		"FROM");
	for (int id = 0; id < OPTION_COUNT; id++) {
		if (option_rows[id].group != GROUP_QUESTIONS)
			add_setting(text, (enum option_id)id, options, budget, container);
	}
	if (!options->drain) {
		text_add(text, "\nNothing is drained: lastcall forwards every signal at once, and "
			       "exits with the application.\n");
		return;
	}
	text_add(text, "\n");
	add_platform(text, budget->platform, facts);
	add_all_labels(text, labels);
	add_deadline(text, options, budget);
	if (budget->at_once) {
		text_add(text, "That is too short to drain in: lastcall forwards every signal at "
			       "once.\n\n");
	} else {
		text_printf(
			text, "lastcall exits within %s:\n\n", duration_text(gone, budget->gone));
		stop_timeline_draw(text, budget, options->order);
		text_add(text, "\n");
	}
	if (address_in_use)
		text_add(text, "Health: the address is in use, probably by the lastcall that runs "
			       "here.\n");
	add_detector(text, options, budget);
	add_doubt(text, options, budget);
	add_signals(text, options, container);
	add_notify(text, options, environment_get(facts->environment, "NOTIFY_SOCKET"));
	text_printf(text, "Process: %s.\n",
		(getpid() == 1               ? "PID 1"
			: options->subreaper ? "not PID 1; lastcall adopts orphans as a subreaper"
					     : "not PID 1; lastcall does not adopt orphans"));
}

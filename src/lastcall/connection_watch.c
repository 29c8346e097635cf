/* SPDX-License-Identifier: MIT */
#include "lastcall/connection_watch.h"

#include "lastcall/connection_watch_state.h"
#include "sys/zero_pages.h"

#include <errno.h>

bool connection_watch_listeners_changed(struct connection_watch *watch)
{
	return app_ports_find_listeners(&watch->ports, &watch->detector) == 0 &&
	       app_ports_are_old(&watch->ports);
}

void connection_watch_log_wrong_ports(struct connection_watch *watch)
{
	struct port_set listening = {0};
	char bytes[256];
	struct text text;

	if (!watch->ports.given || watch->tracker.has_listened ||
		app_ports_find_listeners(&watch->ports, &watch->detector) < 0)
		return;
	app_ports_add_found(&watch->ports, &listening);
	text_init(&text, bytes, sizeof bytes);
	for (int port = port_set_next(&listening, 0); port >= 0 && !text.truncated;
		port = port_set_next(&listening, (unsigned)port + 1))
		text_printf(&text, "%s%d", text.len > 0 ? ", " : "", port);
	log_event(watch->log, LOG_WARNING, "wrong_ports",
		"the application does not listen on the ports of --port; listening ports: %s",
		text.len > 0 ? bytes : "none");
}

int connection_watch_new(const struct options *options, const struct stop_budget *budget,
	uint16_t exclude_port, struct log *log, struct connection_watch **ret_watch)
{
	struct connection_watch *w = zero_pages_map(sizeof *w);
	struct class_settings settings = {0};

	if (w == NULL)
		return -ENOMEM;
	settings.settle = options->settle;
	settings.longest_request = budget->longest_request;
	settings.longest_said = budget->longest_said;
	settings.is_longest_given = budget->is_longest_given;
	conn_tracker_init(&w->tracker, w->entries, w->index, CONNECTION_WATCH_MAX, &settings);
	conn_tracker_ignore(&w->tracker, options->ignored_peers, options->ignored_peer_count);
	w->ports.excluded = exclude_port;
	w->ports.given = options->port_range_count > 0;
	for (unsigned i = 0; i < options->port_range_count; i++)
		app_ports_add(&w->ports, options->ports[i]);
	connection_polls_open(w, log);
	connection_question_init(&w->question, &w->rows, &w->tracker, &w->ports, &w->detector);
	*ret_watch = w;
	return 0;
}

void connection_watch_free(struct connection_watch *watch)
{
	if (watch == NULL)
		return;
	connection_polls_close(watch);
	zero_pages_unmap(watch, sizeof *watch);
}

void connection_watch_app_signalled(struct connection_watch *watch)
{
	conn_tracker_app_signalled(&watch->tracker);
}

void connection_watch_app_ended(struct connection_watch *watch)
{
	if (!watch->tracker.app_ended)
		connection_polls_discard(watch); /* they say nothing of what it left */
	watch->tracker.app_ended = true;
}

void connection_watch_app_killed(struct connection_watch *watch)
{
	watch->tracker.app_killed = true;
}

void connection_watch_app_died(struct connection_watch *watch, bool in_order, msec_t now)
{
	watch->main_pid = NULL;
	connection_watch_read_events(watch, now);
	conn_tracker_app_died(&watch->tracker, in_order, now);
}

msec_t connection_watch_app_died_at(const struct connection_watch *watch, msec_t now)
{
	return watch->tracker.app_dying ? watch->tracker.dying_at : now;
}

void connection_watch_ignore_own(
	struct connection_watch *watch, unsigned check, uint16_t app_port, uint16_t our_port)
{
	own_checks_add(&watch->rows.own, check, app_port, our_port);
}

void connection_watch_note_late(struct connection_watch *watch, msec_t due_at, msec_t now)
{
	conn_tracker_note_late(&watch->tracker, due_at, now);
}

const struct connection_show *connection_watch_show(struct connection_watch *watch, msec_t now)
{
	return connection_question_ask(&watch->question, now);
}

const struct conn_tracker *connection_watch_tracker(const struct connection_watch *watch)
{
	return &watch->tracker;
}

enum report_detector connection_watch_detector(const struct connection_watch *watch)
{
	return watch->detector.kind;
}

bool connection_watch_sees(const struct connection_watch *watch)
{
	return watch->detector.kind != REPORT_DETECTOR_NONE && !watch->ports.unknown;
}

msec_t connection_watch_polled_at(const struct connection_watch *watch)
{
	return watch->polled_at;
}

msec_t connection_watch_dumped_at(const struct connection_watch *watch)
{
	return watch->dumped_at;
}

const struct port_set *connection_watch_ports(const struct connection_watch *watch)
{
	return &watch->ports.set;
}

uint32_t connection_watch_degraded(const struct connection_watch *watch)
{
	return watch->degraded.bits;
}

const struct accept_queue *connection_watch_accept_queue(const struct connection_watch *watch)
{
	return &watch->queue;
}

bool connection_watch_app_listens(const struct connection_watch *watch)
{
	return !connection_watch_sees(watch) || watch->tracker.counts.listening > 0;
}

bool connection_watch_has_listened(const struct connection_watch *watch)
{
	return watch->tracker.has_listened;
}

bool connection_watch_suspects_death(const struct connection_watch *watch, msec_t now)
{
	return conn_tracker_suspects_death(&watch->tracker, now);
}

bool connection_watch_awaits_events(const struct connection_watch *watch)
{
	return conn_tracker_awaits_events(&watch->tracker);
}

void connection_watch_finish(struct connection_watch *watch, msec_t now)
{
	connection_watch_read_events(watch, now);
	conn_tracker_finish(&watch->tracker);
}

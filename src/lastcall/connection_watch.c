/* SPDX-License-Identifier: MIT */
#include "lastcall/connection_watch.h"

#include "lastcall/connection_polls.h"
#include "sys/zero_pages.h"

#include <errno.h>

#define FOLLOWED_MAX 65536 /* connections at a time; past it they are counted, but not followed */

struct connection_watch {
	struct connection_polls polls;
	struct connection_question question;
	struct tracked_conn entries[FOLLOWED_MAX]; /* the connection tracker's */
	uint32_t index[2 * FOLLOWED_MAX]; /* the connection tracker's */
};

bool connection_watch_listeners_changed(struct connection_watch *watch)
{
	return app_ports_find_listeners(&watch->polls.ports, &watch->polls.detector) == 0 &&
	       app_ports_are_old(&watch->polls.ports);
}

void connection_watch_log_wrong_ports(struct connection_watch *watch)
{
	struct port_set listening = {0};
	char bytes[256];
	struct text text;

	if (!watch->polls.ports.given || watch->polls.tracker.has_listened ||
		app_ports_find_listeners(&watch->polls.ports, &watch->polls.detector) < 0)
		return;
	app_ports_add_found(&watch->polls.ports, &listening);
	text_init(&text, bytes, sizeof bytes);
	for (int port = port_set_next(&listening, 0); port >= 0 && !text.truncated;
		port = port_set_next(&listening, (unsigned)port + 1))
		text_printf(&text, "%s%d", text.len > 0 ? ", " : "", port);
	log_event(watch->polls.log, LOG_WARNING, "wrong_ports",
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
	conn_tracker_init(&w->polls.tracker, w->entries, w->index, FOLLOWED_MAX, &settings);
	conn_tracker_ignore(&w->polls.tracker, options->ignored_peers, options->ignored_peer_count);
	w->polls.ports.excluded = exclude_port;
	w->polls.ports.given = options->port_range_count > 0;
	for (unsigned i = 0; i < options->port_range_count; i++)
		app_ports_add(&w->polls.ports, options->ports[i]);
	connection_polls_open(&w->polls, log);
	connection_question_init(&w->question, &w->polls.rows, &w->polls.tracker, &w->polls.ports,
		&w->polls.detector);
	*ret_watch = w;
	return 0;
}

void connection_watch_free(struct connection_watch *watch)
{
	if (watch == NULL)
		return;
	connection_polls_close(&watch->polls);
	zero_pages_unmap(watch, sizeof *watch);
}

void connection_watch_app_signalled(struct connection_watch *watch)
{
	conn_tracker_app_signalled(&watch->polls.tracker);
}

void connection_watch_app_ended(struct connection_watch *watch)
{
	if (!watch->polls.tracker.app_ended)
		connection_polls_discard(&watch->polls); /* they say nothing of what it left */
	watch->polls.tracker.app_ended = true;
}

void connection_watch_app_killed(struct connection_watch *watch)
{
	watch->polls.tracker.app_killed = true;
}

void connection_watch_app_died(struct connection_watch *watch, bool in_order, msec_t now)
{
	watch->polls.main_pid = 0;
	connection_watch_read_events(watch, now);
	conn_tracker_app_died(&watch->polls.tracker, in_order, now);
}

msec_t connection_watch_app_died_at(const struct connection_watch *watch, msec_t now)
{
	return watch->polls.tracker.app_dying ? watch->polls.tracker.dying_at : now;
}

void connection_watch_ignore_own(
	struct connection_watch *watch, unsigned check, uint16_t app_port, uint16_t our_port)
{
	own_checks_add(&watch->polls.rows.own, check, app_port, our_port);
}

int connection_watch_follow(struct connection_watch *watch, pid_t main_pid, msec_t now)
{
	return connection_polls_follow(&watch->polls, main_pid, now);
}

void connection_watch_poll(struct connection_watch *watch, msec_t now)
{
	connection_polls_make(&watch->polls, now);
}

void connection_watch_poll_listeners(struct connection_watch *watch, msec_t now)
{
	connection_polls_probe(&watch->polls, now);
}

msec_t connection_watch_note_probe(struct connection_watch *watch, bool is_serving)
{
	return connection_polls_note_probe(&watch->polls, is_serving);
}

bool connection_watch_confirm(struct connection_watch *watch, msec_t now)
{
	return connection_polls_confirm(&watch->polls, now);
}

msec_t connection_watch_next_poll(const struct connection_watch *watch)
{
	return connection_polls_next_at(&watch->polls);
}

void connection_watch_read_events(struct connection_watch *watch, msec_t now)
{
	connection_polls_read_events(&watch->polls, now);
}

void connection_watch_begin_turn(struct connection_watch *watch)
{
	connection_polls_begin_turn(&watch->polls);
}

void connection_watch_end_turn(struct connection_watch *watch, msec_t begun_at, msec_t now)
{
	connection_polls_end_turn(&watch->polls, begun_at, now);
}

void connection_watch_note_late(struct connection_watch *watch, msec_t due_at, msec_t now)
{
	conn_tracker_note_late(&watch->polls.tracker, due_at, now);
}

const struct connection_show *connection_watch_show(struct connection_watch *watch, msec_t now)
{
	return connection_question_ask(&watch->question, now);
}

const struct conn_tracker *connection_watch_tracker(const struct connection_watch *watch)
{
	return &watch->polls.tracker;
}

enum report_detector connection_watch_detector(const struct connection_watch *watch)
{
	return watch->polls.detector.kind;
}

bool connection_watch_sees(const struct connection_watch *watch)
{
	return watch->polls.detector.kind != REPORT_DETECTOR_NONE && !watch->polls.ports.unknown;
}

msec_t connection_watch_polled_at(const struct connection_watch *watch)
{
	return watch->polls.polled_at;
}

msec_t connection_watch_dumped_at(const struct connection_watch *watch)
{
	return watch->polls.dumped_at;
}

const struct port_set *connection_watch_ports(const struct connection_watch *watch)
{
	return &watch->polls.ports.set;
}

uint32_t connection_watch_degraded(const struct connection_watch *watch)
{
	return watch->polls.degraded.bits;
}

const struct accept_queue *connection_watch_accept_queue(const struct connection_watch *watch)
{
	return &watch->polls.queue;
}

bool connection_watch_app_listens(const struct connection_watch *watch)
{
	return !connection_watch_sees(watch) || watch->polls.tracker.counts.listening > 0;
}

bool connection_watch_has_listened(const struct connection_watch *watch)
{
	return watch->polls.tracker.has_listened;
}

bool connection_watch_suspects_death(const struct connection_watch *watch, msec_t now)
{
	return conn_tracker_suspects_death(&watch->polls.tracker, now);
}

bool connection_watch_awaits_events(const struct connection_watch *watch)
{
	return conn_tracker_awaits_events(&watch->polls.tracker);
}

void connection_watch_finish(struct connection_watch *watch, msec_t now)
{
	connection_watch_read_events(watch, now);
	conn_tracker_finish(&watch->polls.tracker, now);
}

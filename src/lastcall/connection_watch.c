/* SPDX-License-Identifier: MIT */
#include "lastcall/connection_watch.h"

#include "core/tcp/poll_pace.h"
#include "lastcall/app_ports.h"
#include "lastcall/ask_round.h"
#include "lastcall/connection_rows.h"
#include "lastcall/degraded.h"
#include "lastcall/detector.h"
#include "sys/fd.h"
#include "sys/monoclock.h"
#include "sys/process_exit.h"
#include "sys/procnet.h"
#include "sys/zero_pages.h"

#include <string.h>

#define FOLLOWED_MAX 65536 /* connections at a time; past it they are counted, but not followed */

struct connection_watch {
	struct log *log;
	struct degraded degraded;
	int events_fd;
	pid_t main_pid; /* the application's main process; 0: it has ended */
	msec_t polled_at; /* the last poll, or round of questions, that worked; -1: none yet */
	msec_t dumped_at; /* the last poll that worked; -1: none yet */
	msec_t now; /* for what the events call back */
	bool event_seen; /* since the last poll, or the begin of the last round */
	bool is_new; /* the last poll that worked was in this turn of the event loop */
	bool wants_dump; /* a decision waits for a poll */
	bool cannot_ask; /* the kernel does not answer for single connections */
	struct poll_pace pace;
	struct ask_round round;

	struct conn_tracker tracker;
	struct accept_queue queue;

	struct detector detector;
	struct connection_rows rows; /* from its survey on mostly untouched */
	struct app_ports ports;
	struct connection_question question;
	struct tracked_conn entries[FOLLOWED_MAX]; /* the connection tracker's */
	uint32_t index[2 * FOLLOWED_MAX]; /* the connection tracker's */
};

static void log_ports_unknown(struct connection_watch *w)
{
	if (w->ports.unknown)
		degraded_note(&w->degraded, REPORT_DEGRADED_PORTS_UNKNOWN,
			"cannot see which process owns the listening sockets (/proc is restricted, "
			"or the application runs as another user); without --port the drain takes "
			"its whole budget");
}

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
	w->log = log;
	w->degraded.log = log;
	w->events_fd = -1;
	w->polled_at = w->dumped_at = -1;
	poll_pace_init(&w->pace);
	accept_queue_init(&w->queue);
	settings.settle = options->settle;
	settings.longest_request = budget->longest_request;
	settings.longest_said = budget->longest_said;
	settings.is_longest_given = budget->is_longest_given;
	conn_tracker_init(&w->tracker, w->entries, w->index, FOLLOWED_MAX, &settings);
	conn_tracker_ignore(&w->tracker, options->ignored_peers, options->ignored_peer_count);
	w->ports.excluded = exclude_port;
	w->ports.given = options->port_range_count > 0;
	for (unsigned i = 0; i < options->port_range_count; i++)
		app_ports_add(&w->ports, options->ports[i]);
	detector_open(&w->detector, &w->degraded);
	connection_rows_init(&w->rows, &w->detector, &w->ports, &w->tracker, &w->queue);
	connection_question_init(&w->question, &w->rows, &w->tracker, &w->ports, &w->detector);
	*ret_watch = w;
	return 0;
}

void connection_watch_free(struct connection_watch *watch)
{
	if (watch == NULL)
		return;
	detector_close(&watch->detector);
	(void)fd_close(watch->events_fd);
	zero_pages_unmap(watch, sizeof *watch);
}

void connection_watch_app_signalled(struct connection_watch *watch)
{
	conn_tracker_app_signalled(&watch->tracker);
}

void connection_watch_app_ended(struct connection_watch *watch)
{
	if (!watch->tracker.app_ended) { /* what was seen before says nothing of what it left */
		watch->is_new = false;
		watch->dumped_at = watch->pace.confirmed_at = -1;
	}
	watch->tracker.app_ended = true;
}

void connection_watch_app_killed(struct connection_watch *watch)
{
	watch->tracker.app_killed = true;
}

void connection_watch_app_died(struct connection_watch *watch, bool in_order, msec_t now)
{
	watch->main_pid = 0;
	connection_watch_read_events(watch, now);
	conn_tracker_app_died(&watch->tracker, in_order, now);
}

msec_t connection_watch_app_died_at(const struct connection_watch *watch, msec_t now)
{
	return watch->tracker.app_dying ? watch->tracker.dying_at : now;
}

void connection_watch_ignore_own(
	struct connection_watch *watch, uint16_t app_port, uint16_t our_port)
{
	own_checks_add(&watch->rows.own, app_port, our_port);
}

static void take_ending(void *arg, const struct connection *row)
{
	struct connection_watch *w = arg;

	if (!connection_rows_counts_end(&w->rows, row))
		return;
	w->event_seen = true;
	conn_tracker_ended(&w->tracker, row, w->now);
}

/* A process that dies closes its sockets before it is reaped: on a busy machine, long before. */
static void look_for_death(struct connection_watch *w)
{
	if (w->main_pid > 0 && conn_tracker_take_doubt_of_life(&w->tracker, w->now) &&
		process_is_exiting(w->main_pid))
		conn_tracker_app_dying(&w->tracker, w->now);
}

/* Reads what waits on the events' descriptor, if there is one. */
static void read_events(struct connection_watch *w)
{
	if (w->events_fd < 0 || sockdiag_read_events(w->events_fd, take_ending, w) != -ENOBUFS)
		return;
	w->event_seen = true;
	w->tracker.has_events = false; /* the event of a missing connection may be lost */
	degraded_note(&w->degraded, REPORT_DEGRADED_EVENTS_LOST,
		"the kernel dropped events of ended connections; their counts are partial");
}

/* Whether what has ended has left no connection at all, for us to wait for its bytes. When no socket is
 * there but the health endpoint's, a dump would only walk the kernel's table in vain. */
static bool nothing_is_left(const struct connection_watch *w)
{
	return w->tracker.app_ended && w->detector.kind == REPORT_DETECTOR_SOCK_DIAG &&
	       procnet_count_sockets() == (w->ports.excluded > 0);
}

static void stop_asking(struct connection_watch *w)
{
	w->cannot_ask = true;
	degraded_note(&w->degraded, REPORT_DEGRADED_NO_EXACT,
		"the kernel does not answer for single connections: dumping all of them instead, "
		"which is more expensive on a host with many");
}

/* MPTCP's queues are in another table; a kernel that does not name the subflows must not be asked for TCP alone. */
static void decide_on_asking(struct connection_watch *w)
{
	w->tracker.may_ask = w->detector.kind == REPORT_DETECTOR_SOCK_DIAG && !w->cannot_ask &&
			     (!w->ports.has_mptcp || w->ports.tells_mptcp);
}

static void poll_all(struct connection_watch *w, bool has_rows, bool may_be_last, msec_t now)
{
	int64_t started_us = processor_now_us();
	int r;

	decide_on_asking(w);
	if (has_rows && app_ports_find_listeners(&w->ports, &w->detector) == 0)
		app_ports_discover(&w->ports, &w->degraded, w->tracker.app_ended);
	if (has_rows)
		r = connection_rows_read(&w->rows, may_be_last, now);
	else {
		w->ports.unknown = false; /* there is no listener */
		r = connection_rows_read_none(&w->rows, now);
	}
	if (w->rows.unix_sockets.unseen > 0)
		degraded_note(&w->degraded, REPORT_DEGRADED_UNIX_UNSEEN,
			"clients in other network namespaces are connected to a unix-domain socket "
			"of the application; requests in flight there cannot be seen");
	/* after the dump: a connection that is missing in it has an event waiting, as a rule */
	w->now = now;
	read_events(w);
	poll_pace_pay(
		&w->pace, now, processor_now_us() - started_us, w->rows.read_at, w->rows.walk_us);
	w->event_seen = w->tracker.counts_ended; /* the dump was too early for its event */
	w->wants_dump = false;
	if (r < 0) {
		log_event(w->log, LOG_VERBOSE, "poll_failed",
			"cannot dump connections: %s, retrying", strerror(-r));
		return; /* polled_at stays: nothing was learnt of now */
	}
	accept_queue_pass_end(&w->queue, now);
	conn_tracker_pass_end(&w->tracker, now);
	look_for_death(w);
	w->polled_at = w->dumped_at = now;
	w->is_new = true;
	if (w->tracker.is_ask_wrong && !w->cannot_ask)
		stop_asking(w);
	if (w->tracker.totals.incomplete)
		degraded_note(&w->degraded, REPORT_DEGRADED_TRACKER_FULL,
			"too many connections to follow each one; the others are only counted");
}

static struct poll_needs find_needs(const struct connection_watch *w)
{
	const struct conn_counts *counts = &w->tracker.counts;
	const unsigned busy = counts->busy + counts->undelivered;

	return (struct poll_needs){
		.ending_heard = w->event_seen,
		.wants_dump =
			w->wants_dump || conn_tracker_suspects_death(&w->tracker, w->polled_at),
		.can_ask = conn_tracker_can_ask(&w->tracker),
		.asked = counts->held + counts->undelivered,
		.busy = busy,
		.unsure = counts->unsure,
		.settles_in = counts->settles_in,
		.ends_in = busy > 0 ? 0 : msec_max(counts->settles_in, counts->doubt_ends_in),
	};
}

/* Returns false where a poll has to take the place of the round. */
static bool ask(struct connection_watch *w, msec_t now)
{
	int r;

	if (!w->tracker.is_asking)
		w->event_seen = false;
	r = ask_round_step(&w->round, &w->tracker, &w->detector.diag, now);
	if (r < 0) {
		stop_asking(w);
		return false;
	}
	if (r == 0)
		return true;
	connection_watch_read_events(w, now); /* what is gone has an event waiting, as a rule */
	conn_tracker_ask_end(&w->tracker);
	if (w->round.asked > 0)
		poll_pace_pay_questions(&w->pace, now, w->round.cost_us, w->round.asked);
	w->polled_at = now;
	return true;
}

/* Whether a round of questions is enough now. */
static bool may_ask(const struct connection_watch *w, msec_t now)
{
	const struct poll_needs needs = find_needs(w);

	if (w->tracker.is_asking)
		return true;
	return needs.can_ask && needs.asked > 0 && now < poll_pace_stop_at(&w->pace, &needs) &&
	       poll_pace_ask_at(&w->pace, &needs) != MSEC_NEVER;
}

void connection_watch_poll(struct connection_watch *watch, msec_t now)
{
	struct poll_needs needs;
	bool may_be_last;

	if (watch->detector.kind == REPORT_DETECTOR_NONE ||
		(may_ask(watch, now) && ask(watch, now)))
		return;
	needs = find_needs(watch);
	may_be_last = watch->tracker.started && poll_pace_may_be_last(&watch->pace, &needs, now);
	if (may_be_last)
		watch->pace.early_at = now;
	poll_all(watch, !nothing_is_left(watch), may_be_last, now);
}

void connection_watch_note_late(struct connection_watch *watch, msec_t due_at, msec_t now)
{
	conn_tracker_note_late(&watch->tracker, due_at, now);
}

void connection_watch_end_turn(struct connection_watch *watch, msec_t begun_at, msec_t now)
{
	msec_t polls_ms = 2 * watch->pace.cost_us / 1000; /* a turn has two at most, as a rule */

	conn_tracker_note_late(&watch->tracker, begun_at + polls_ms, now);
}

void connection_watch_begin_turn(struct connection_watch *watch)
{
	watch->is_new = false;
}

bool connection_watch_confirm(struct connection_watch *watch, msec_t now)
{
	struct connection_watch *w = watch;

	if (!w->tracker.may_ask || w->is_new ||
		(w->dumped_at == w->pace.tried_at && poll_pace_is_fresh(&w->pace, now)))
		return true;
	w->wants_dump = now < poll_pace_confirm_at(&w->pace);
	if (!w->wants_dump) {
		bool was_closed = w->tracker.settings.listener_closed;

		w->pace.confirmed_at = now;
		poll_all(w, !nothing_is_left(w), true, now);
		if (w->tracker.settings.listener_closed != was_closed) /* judge by that, too */
			poll_all(w, !nothing_is_left(w), true, now);
	}
	return w->dumped_at == now;
}

int connection_watch_follow(struct connection_watch *watch, pid_t main_pid, msec_t now)
{
	bool has_rows = !nothing_is_left(watch);

	watch->main_pid = main_pid;
	/* joined before the first poll: no end between the two is missed */
	if (has_rows && watch->detector.kind == REPORT_DETECTOR_SOCK_DIAG) {
		int fd = sockdiag_open_events();

		if (fd >= 0)
			watch->events_fd = fd;
		else
			degraded_note(&watch->degraded, REPORT_DEGRADED_NO_EVENTS,
				"the kernel does not report ended connections; polling instead");
	}
	watch->tracker.has_events = watch->events_fd >= 0;
	conn_tracker_start(&watch->tracker, now);
	watch->polled_at = -1; /* a poll of this very millisecond may have been before the stop */
	if (watch->detector.kind != REPORT_DETECTOR_NONE)
		poll_all(watch, has_rows, false, now);
	log_ports_unknown(watch);
	return watch->events_fd;
}

const struct connection_show *connection_watch_show(struct connection_watch *watch, msec_t now)
{
	return connection_question_ask(&watch->question, now);
}

/* Where no connection waits, the listening sockets alone show all there is to know of the queues. */
static void note_listeners(struct connection_watch *w, msec_t now)
{
	const struct listeners *found = &w->ports.found;
	unsigned listening = 0, waiting = 0;

	for (size_t i = 0; i < found->count; i++) {
		if (!port_set_has(&w->ports.set, found->sockets[i].port))
			continue;
		listening++;
		waiting += found->sockets[i].waiting;
	}
	if (waiting == 0)
		accept_queue_nobody_waits(&w->queue, listening, now);
	w->queue.listening = listening;
	conn_tracker_listeners_polled(&w->tracker, listening, now);
}

static void poll_listeners(struct connection_watch *w, msec_t now)
{
	int64_t started_us = processor_now_us();

	if (app_ports_find_listeners(&w->ports, &w->detector) < 0)
		return;
	if (app_ports_are_old(&w->ports))
		app_ports_discover(&w->ports, &w->degraded, w->tracker.app_ended);
	note_listeners(w, now);
	w->pace.listeners_cost_us = processor_now_us() - started_us;
}

msec_t connection_watch_note_probe(struct connection_watch *watch, bool is_serving)
{
	watch->pace.probes++;
	return poll_pace_news_ms(&watch->pace, is_serving);
}

void connection_watch_poll_listeners(struct connection_watch *watch, msec_t now)
{
	struct connection_watch *w = watch;

	if (now >= poll_pace_probe_at(&w->pace))
		connection_watch_poll(w, now);
	else if (w->detector.kind == REPORT_DETECTOR_SOCK_DIAG)
		poll_listeners(w, now);
}

void connection_watch_read_events(struct connection_watch *watch, msec_t now)
{
	watch->now = now;
	read_events(watch);
	look_for_death(watch);
}

msec_t connection_watch_next_poll(const struct connection_watch *watch)
{
	const struct poll_needs needs = find_needs(watch);

	if (watch->detector.kind == REPORT_DETECTOR_NONE)
		return MSEC_NEVER;
	if (watch->tracker.is_asking)
		return watch->pace.asked_at; /* the next slice at once, after what else waits */
	return msec_min(
		poll_pace_stop_at(&watch->pace, &needs), poll_pace_ask_at(&watch->pace, &needs));
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
	conn_tracker_finish(&watch->tracker, now);
}

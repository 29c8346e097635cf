/* SPDX-License-Identifier: MIT */
#include "lastcall/connection_watch.h"

#include "core/tcp/poll_pace.h"
#include "core/codec/mptcp_rows.h"
#include "core/tcp/own_checks.h"
#include "lastcall/app_ports.h"
#include "lastcall/degraded.h"
#include "lastcall/detector.h"
#include "lastcall/socket_survey.h"
#include "lastcall/unix_watch.h"
#include "sys/fd.h"
#include "sys/monoclock.h"
#include "sys/procnet.h"
#include "sys/zero_pages.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define FOLLOWED_MAX 65536 /* connections at a time; past it they are counted, but not followed */

/* The states that are judged, and FIN_WAIT2, in which a connection waits for its client to close, too,
 * and is still the same one. Naming no others keeps a dump from walking tables we do not need. */
#define WORK_STATES                                                                                \
	(TCP_STATE_BIT(TCP_STATE_ESTABLISHED) | TCP_STATE_BIT(TCP_STATE_SYN_RECV) |                \
		TCP_STATE_BIT(TCP_STATE_CLOSE_WAIT) | TCP_STATE_BIT(TCP_STATE_FIN_WAIT1) |         \
		TCP_STATE_BIT(TCP_STATE_FIN_WAIT2) | TCP_STATE_BIT(TCP_STATE_CLOSING) |            \
		TCP_STATE_BIT(TCP_STATE_LAST_ACK) | TCP_STATE_BIT(TCP_STATE_LISTEN))

/* What an application leaves that wrote, closed and ended. */
#define LEFT_STATES                                                                                \
	(TCP_STATE_BIT(TCP_STATE_FIN_WAIT1) | TCP_STATE_BIT(TCP_STATE_CLOSING) |                   \
		TCP_STATE_BIT(TCP_STATE_LAST_ACK))

/* Where the kernel does not tell which rows of TCP are MPTCP's (before Linux 6.15). */
#define MPTCP_INTERVAL_MS 1000

struct connection_watch {
	struct log *log;
	struct degraded degraded;
	int events_fd;
	msec_t polled_at; /* the last poll that worked; -1: none yet */
	msec_t now; /* for what a dump or the events call back */
	bool event_seen; /* since the last poll */
	struct poll_pace pace;

	struct conn_tracker tracker;
	struct accept_queue queue;

	struct own_checks own;

	bool may_survey; /* in this poll, if something asks for it */
	bool is_surveyed; /* once since the stop */
	unsigned new_here; /* in this poll, connections of this machine that no survey has placed */
	bool mptcp_is_read; /* in this poll */
	bool mptcp_is_missed; /* it is not, and there is a subflow */
	bool mptcp_is_partial; /* it failed, or there was no room for all of its rows */
	msec_t mptcp_due_at; /* where the kernel does not name subflows */

	struct detector detector; /* from here on mostly untouched */
	struct app_ports ports;
	struct socket_survey survey;
	struct unix_watch unix_sockets;
	struct mptcp_rows mptcp;
	struct tracked_conn entries[FOLLOWED_MAX]; /* the connection tracker's */
	uint32_t index[2 * FOLLOWED_MAX]; /* the connection tracker's */
};

static void say_ports_unknown(struct connection_watch *w)
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

void connection_watch_say_wrong_ports(struct connection_watch *watch)
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
	w->polled_at = -1;
	poll_pace_init(&w->pace);
	accept_queue_init(&w->queue);
	settings.settle = options->settle;
	settings.longest_request = budget->longest_request;
	settings.is_longest_given = budget->is_longest_given;
	conn_tracker_init(&w->tracker, w->entries, w->index, FOLLOWED_MAX, &settings);
	conn_tracker_ignore(&w->tracker, options->ignored_peers, options->ignored_peer_count);
	w->ports.excluded = exclude_port;
	w->ports.given = options->port_range_count > 0;
	for (unsigned i = 0; i < options->port_range_count; i++)
		app_ports_add(&w->ports, options->ports[i]);
	detector_open(&w->detector, &w->degraded);
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
	watch->tracker.app_ended = true;
}

void connection_watch_app_killed(struct connection_watch *watch)
{
	watch->tracker.app_killed = true;
}

void connection_watch_app_died(struct connection_watch *watch, bool in_order, msec_t now)
{
	connection_watch_read_events(watch, now);
	conn_tracker_app_died(&watch->tracker, in_order, now);
}

void connection_watch_ignore_own(
	struct connection_watch *watch, uint16_t app_port, uint16_t our_port)
{
	own_checks_add(&watch->own, app_port, our_port);
}

static void take_mptcp(void *arg, const struct connection *row)
{
	struct connection_watch *w = arg;

	mptcp_rows_add(&w->mptcp, row);
}

/* The queues, states and owners of MPTCP connections. Where they are not all known the subflows count as what
 * they seem: a subflow without its connection's row would count for nothing, with a request in flight. */
static void read_mptcp(struct connection_watch *w)
{
	const struct sockdiag_query query = {
		.states = WORK_STATES & ~TCP_STATE_BIT(TCP_STATE_LISTEN),
		.ports = &w->ports.set,
		.want_info = true,
		.is_mptcp = true,
	};

	w->mptcp_due_at = msec_add(w->now, MPTCP_INTERVAL_MS);
	w->mptcp_is_read = true;
	w->mptcp_is_partial = detector_dump(&w->detector, &query, take_mptcp, w) < 0 ||
			      w->mptcp.count == MPTCP_ROWS_MAX;
}

/* The dump takes some milliseconds, whatever it finds: the kernel walks a table of its own. Where it names
 * subflows there has to be one, else one was found before, or it is time to see. */
static bool is_mptcp_due(const struct connection_watch *w)
{
	if (!w->ports.has_mptcp || w->detector.kind != REPORT_DETECTOR_SOCK_DIAG)
		return false;
	if (w->mptcp.count > 0)
		return true;
	return !w->ports.tells_mptcp && w->tracker.started && w->now >= w->mptcp_due_at;
}

static void take_connection(struct connection_watch *w, const struct connection *row)
{
	if (w->may_survey && socket_survey_is_new(&w->survey, row)) {
		w->new_here++; /* the poll is repeated */
		return;
	}
	accept_queue_pass_row(&w->queue, row);
	if (w->is_surveyed && socket_survey_is_internal(&w->survey, row))
		conn_tracker_pass_internal(&w->tracker, row);
	else
		conn_tracker_pass_row(&w->tracker, row, w->now);
}

static void take_row(void *arg, const struct connection *row)
{
	struct connection_watch *w = arg;

	if (row->local_port == w->ports.excluded || own_checks_has(&w->own, row))
		return;
	if (w->ports.set.count == 0) {
		conn_tracker_pass_stray(&w->tracker, row);
		return;
	}
	if (w->ports.has_mptcp && !w->mptcp_is_partial && mptcp_rows_merge(&w->mptcp, row)) {
		w->mptcp_is_missed = !w->mptcp_is_read;
		return; /* it counts with the other subflows of its connection */
	}
	take_connection(w, row);
}

static void take_merged(struct connection_watch *w)
{
	for (size_t i = 0; i < w->mptcp.count; i++) {
		if (w->mptcp.rows[i].has_subflow)
			take_connection(w, &w->mptcp.rows[i].row);
	}
}

static void take_ending(void *arg, const struct connection *row)
{
	struct connection_watch *w = arg;

	if (!port_set_has(&w->ports.set, row->local_port))
		return; /* the group tells of every socket in the namespace */
	if (own_checks_has(&w->own, row) ||
		(w->is_surveyed && socket_survey_is_internal(&w->survey, row)))
		return;
	if (w->ports.has_mptcp && mptcp_rows_has_joined(&w->mptcp, row->cookie))
		return;
	w->event_seen = true;
	conn_tracker_ended(&w->tracker, row, w->now);
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

/* Reads all rows of our ports into a new pass. Returns 0 or -errno. */
static int read_pass(struct connection_watch *w, bool with_mptcp)
{
	struct sockdiag_query query = {.states = WORK_STATES, .want_info = true};
	int r;

	accept_queue_pass_begin(&w->queue);
	conn_tracker_pass_begin(&w->tracker);
	w->new_here = 0;
	w->mptcp_is_read = w->mptcp_is_missed = w->mptcp_is_partial = false;
	mptcp_rows_begin(&w->mptcp);
	if (w->ports.set.count > 0)
		query.ports = &w->ports.set;
	else if (w->tracker.app_ended)
		query.states =
			LEFT_STATES; /* its ports were never seen: whose they are is not known */
	else
		return 0;
	if (with_mptcp)
		read_mptcp(w);
	r = detector_dump(&w->detector, &query, take_row, w);
	if (r >= 0)
		take_merged(w);
	return r;
}

static int read_rows(struct connection_watch *w)
{
	int r = read_pass(w, is_mptcp_due(w));

	return r >= 0 && w->mptcp_is_missed ? read_pass(w, true) : r;
}

/* The same, with a survey where one may find something new: at the stop, when there is a connection of
 * this machine that no survey has placed, and before nothing is believed to be in flight. */
static int read_surveyed(struct connection_watch *w, msec_t now)
{
	bool is_new = false;
	int r;

	w->may_survey = w->tracker.started && !w->tracker.app_ended && now >= w->survey.due_at;
	if (w->may_survey && !w->is_surveyed) {
		(void)socket_survey_run(&w->survey, &w->ports, &w->detector, now);
		if (w->detector.kind == REPORT_DETECTOR_SOCK_DIAG)
			unix_watch_start(&w->unix_sockets, &w->ports, &w->detector.diag, now);
		w->is_surveyed = true;
		w->may_survey = false;
	}
	r = read_rows(w);
	if (r < 0 || !w->may_survey || (w->new_here == 0 && conn_tracker_holds(&w->tracker)))
		return r;
	is_new = socket_survey_run(&w->survey, &w->ports, &w->detector, now);
	w->may_survey = false;
	return is_new || w->new_here > 0 ? read_rows(w) : r;
}

static void poll_all(struct connection_watch *w, bool has_rows, msec_t now)
{
	int64_t started_us = monoclock_now_us();
	int r = 0;

	if (has_rows && app_ports_find_listeners(&w->ports, &w->detector) == 0)
		app_ports_discover(&w->ports, &w->degraded, w->tracker.app_ended);
	w->now = now;
	if (has_rows)
		r = read_surveyed(w, now);
	else {
		w->ports.unknown = false; /* nobody listens */
		accept_queue_pass_begin(&w->queue);
		conn_tracker_pass_begin(&w->tracker);
	}
	if (r >= 0 && w->tracker.started)
		r = unix_watch_poll(
			&w->unix_sockets, &w->ports, &w->detector.diag, &w->tracker, now);
	if (w->unix_sockets.unseen > 0)
		degraded_note(&w->degraded, REPORT_DEGRADED_UNIX_UNSEEN,
			"clients in other network namespaces are connected to a unix-domain socket "
			"of the application; requests in flight there cannot be seen");
	/* after the dump: a connection that is missing in it has an event waiting, as a rule */
	read_events(w);
	poll_pace_pay(&w->pace, now, monoclock_now_us() - started_us);
	w->event_seen = false;
	if (r < 0) {
		log_event(w->log, LOG_VERBOSE, "poll_failed",
			"cannot dump connections: %s, retrying", strerror(-r));
		return; /* polled_at stays: nothing was learnt of now */
	}
	accept_queue_pass_end(&w->queue, now);
	conn_tracker_pass_end(&w->tracker, now);
	w->polled_at = now;
	if (w->tracker.totals.incomplete)
		degraded_note(&w->degraded, REPORT_DEGRADED_TRACKER_FULL,
			"too many connections to follow each one; the others are only counted");
}

void connection_watch_poll(struct connection_watch *watch, msec_t now)
{
	if (watch->detector.kind != REPORT_DETECTOR_NONE)
		poll_all(watch, !nothing_is_left(watch), now);
}

int connection_watch_follow(struct connection_watch *watch, msec_t now)
{
	bool has_rows = !nothing_is_left(watch);

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
		poll_all(watch, has_rows, now);
	say_ports_unknown(watch);
	return watch->events_fd;
}

/* Where no connection waits, the listening sockets alone show all there is to know of the queues. */
static void note_empty_queues(struct connection_watch *w, msec_t now)
{
	const struct listeners *found = &w->ports.found;
	unsigned listening = 0;

	for (size_t i = 0; i < found->count; i++) {
		if (!port_set_has(&w->ports.set, found->sockets[i].port))
			continue;
		if (found->sockets[i].waiting > 0)
			return;
		listening++;
	}
	accept_queue_nobody_waits(&w->queue, listening, now);
}

msec_t connection_watch_note_probe(struct connection_watch *watch)
{
	watch->pace.probes++;
	return poll_pace_news_ms(&watch->pace);
}

void connection_watch_poll_listeners(struct connection_watch *watch, msec_t now)
{
	struct connection_watch *w = watch;
	bool is_due = now >= poll_pace_probe_at(&w->pace);

	if (w->detector.kind == REPORT_DETECTOR_SOCK_DIAG && !is_due &&
		app_ports_find_listeners(&w->ports, &w->detector) == 0) {
		is_due = (app_ports_are_old(&w->ports) || w->ports.unknown) &&
			 now >= poll_pace_affordable_at(&w->pace);
		if (!is_due)
			note_empty_queues(w, now);
	}
	if (is_due)
		connection_watch_poll(w, now);
}

void connection_watch_read_events(struct connection_watch *watch, msec_t now)
{
	watch->now = now;
	read_events(watch);
}

msec_t connection_watch_next_poll(const struct connection_watch *watch)
{
	const struct conn_counts *counts = &watch->tracker.counts;

	if (watch->detector.kind == REPORT_DETECTOR_NONE)
		return MSEC_NEVER;
	return poll_pace_stop_at(
		&watch->pace, watch->event_seen, counts->busy + counts->unsure, counts->settles_in);
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

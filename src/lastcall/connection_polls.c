/* SPDX-License-Identifier: MIT */
#include "lastcall/connection_polls.h"

#include "lastcall/connection_watch_state.h"
#include "sys/fd.h"
#include "sys/monoclock.h"
#include "sys/process_exit.h"
#include "sys/procnet.h"

#include <errno.h>
#include <string.h>

void connection_polls_open(struct connection_watch *watch, struct log *log)
{
	watch->log = log;
	watch->degraded.log = log;
	watch->events_fd = -1;
	watch->polled_at = watch->dumped_at = -1;
	poll_pace_init(&watch->pace);
	accept_queue_init(&watch->queue);
	detector_open(&watch->detector, &watch->degraded);
	connection_rows_init(
		&watch->rows, &watch->detector, &watch->ports, &watch->tracker, &watch->queue);
}

void connection_polls_close(struct connection_watch *watch)
{
	detector_close(&watch->detector);
	(void)fd_close(watch->events_fd);
}

void connection_polls_discard(struct connection_watch *watch)
{
	watch->is_new = false;
	watch->dumped_at = watch->pace.confirmed_at = -1;
}

static void take_ending(void *arg, const struct connection *row)
{
	struct connection_watch *watch = arg;

	if (!connection_rows_counts_end(&watch->rows, row))
		return;
	watch->event_seen = true;
	conn_tracker_ended(&watch->tracker, row, watch->now);
}

/* A process that dies closes its sockets before it is reaped: on a busy machine, long before. */
static void look_for_death(struct connection_watch *watch)
{
	if (watch->main_pid != NULL &&
		conn_tracker_take_doubt_of_life(&watch->tracker, watch->now) &&
		process_is_exiting(*watch->main_pid))
		conn_tracker_app_dying(&watch->tracker, watch->now);
}

/* Reads what waits on the events' descriptor, if there is one. */
static void read_events(struct connection_watch *watch)
{
	if (watch->events_fd < 0 ||
		sockdiag_read_events(watch->events_fd, take_ending, watch) != -ENOBUFS)
		return;
	watch->event_seen = true;
	watch->tracker.has_events = false; /* the event of a missing connection may be lost */
	degraded_note(&watch->degraded, REPORT_DEGRADED_EVENTS_LOST,
		"the kernel dropped events of ended connections; their counts are partial");
}

void connection_watch_read_events(struct connection_watch *watch, msec_t now)
{
	watch->now = now;
	read_events(watch);
	look_for_death(watch);
}

/* Whether the application has ended and left no connection whose bytes lastcall would wait for. When the
 * namespace has no socket but the health endpoint's, a dump would walk the kernel's table in vain. */
static bool nothing_is_left(const struct connection_watch *watch)
{
	return watch->tracker.app_ended && watch->detector.kind == REPORT_DETECTOR_SOCK_DIAG &&
	       procnet_count_sockets() == (watch->ports.excluded > 0);
}

static void stop_asking(struct connection_watch *watch)
{
	watch->cannot_ask = true;
	degraded_note(&watch->degraded, REPORT_DEGRADED_NO_EXACT,
		"the kernel does not answer for single connections: dumping all of them instead");
}

/* MPTCP's queues are in another table: a kernel that does not mark the subflows must not be asked for TCP
 * connections alone. */
static void decide_on_asking(struct connection_watch *watch)
{
	watch->tracker.may_ask = watch->detector.kind == REPORT_DETECTOR_SOCK_DIAG &&
				 !watch->cannot_ask &&
				 (!watch->ports.has_mptcp || watch->ports.tells_mptcp);
}

/* Without the listening sockets, a poll might pass over ports that were never seen. */
static int read_rows(struct connection_watch *watch, bool may_be_last, msec_t now)
{
	int r = app_ports_find_listeners(&watch->ports, &watch->detector);

	if (r < 0)
		return r;
	app_ports_discover(&watch->ports, &watch->degraded, watch->tracker.app_ended);
	return connection_rows_read(&watch->rows, may_be_last, now);
}

/* One poll. has_rows: there may be a connection. may_be_last: the poll may be the last one before the application
 * is signalled. */
static void dump_all(struct connection_watch *watch, bool has_rows, bool may_be_last, msec_t now)
{
	int64_t started_us = processor_now_us();
	int r;

	decide_on_asking(watch);
	if (has_rows)
		r = read_rows(watch, may_be_last, now);
	else {
		watch->ports.unknown = false; /* there is no listener */
		r = connection_rows_read_none(&watch->rows, now);
	}
	if (watch->rows.unix_sockets.unseen > 0)
		degraded_note(&watch->degraded, REPORT_DEGRADED_UNIX_UNSEEN,
			"clients in other network namespaces are connected to a unix-domain socket "
			"of the application; their requests cannot be seen");
	if (watch->rows.unix_sockets.is_refused)
		degraded_note(&watch->degraded, REPORT_DEGRADED_UNIX_UNSEEN,
			"the kernel refuses to show unix-domain sockets; requests on them cannot be "
			"seen");
	/* after the dump: a connection that is missing in it has an event waiting, as a rule */
	watch->now = now;
	read_events(watch);
	poll_pace_pay(&watch->pace, now, processor_now_us() - started_us, watch->rows.read_at,
		watch->rows.walk_us);
	watch->event_seen = watch->tracker.counts_ended; /* the dump was too early for its event */
	watch->wants_dump = false;
	if (r < 0) {
		log_event(watch->log, LOG_VERBOSE, "poll_failed",
			"cannot dump connections: %s, retrying", strerror(-r));
		return; /* polled_at stays: nothing was learnt of now */
	}
	accept_queue_pass_end(&watch->queue, now);
	conn_tracker_pass_end(&watch->tracker, now);
	look_for_death(watch);
	watch->polled_at = watch->dumped_at = now;
	watch->is_new = true;
	if (watch->tracker.is_ask_wrong && !watch->cannot_ask)
		stop_asking(watch);
	if (watch->tracker.totals.incomplete)
		degraded_note(&watch->degraded, REPORT_DEGRADED_TRACKER_FULL,
			"too many connections to follow each one; the others are only counted");
}

static struct poll_needs find_needs(const struct connection_watch *watch)
{
	const struct conn_counts *counts = &watch->tracker.counts;
	const unsigned busy = counts->busy + counts->undelivered;

	return (struct poll_needs){
		.ending_heard = watch->event_seen,
		.wants_dump = watch->wants_dump ||
			      conn_tracker_suspects_death(&watch->tracker, watch->polled_at),
		.can_ask = conn_tracker_can_ask(&watch->tracker),
		.asked = counts->held + counts->undelivered,
		.busy = busy,
		.unsure = counts->unsure,
		.settles_in = counts->settles_in,
		.ends_in = busy > 0 ? 0 : msec_max(counts->settles_in, counts->doubt_ends_in),
	};
}

/* The next slice of a round. Returns false where a poll has to take the place of the round. */
static bool ask_next(struct connection_watch *watch, msec_t now)
{
	int r;

	if (!watch->tracker.is_asking)
		watch->event_seen = false;
	r = ask_round_step(&watch->round, &watch->tracker, &watch->detector.diag, now);
	if (r < 0) {
		stop_asking(watch);
		return false;
	}
	if (r == 0)
		return true;
	connection_watch_read_events(watch, now); /* what is gone has an event waiting, as a rule */
	conn_tracker_ask_end(&watch->tracker);
	if (watch->round.asked > 0)
		poll_pace_pay_questions(
			&watch->pace, now, watch->round.cost_us, watch->round.asked);
	watch->polled_at = now;
	return true;
}

/* Whether a round of questions is enough now. */
static bool is_round_enough(const struct connection_watch *watch, msec_t now)
{
	const struct poll_needs needs = find_needs(watch);

	if (watch->tracker.is_asking)
		return true;
	return needs.can_ask && needs.asked > 0 && now < poll_pace_stop_at(&watch->pace, &needs) &&
	       poll_pace_ask_at(&watch->pace, &needs) != MSEC_NEVER;
}

void connection_watch_poll(struct connection_watch *watch, msec_t now)
{
	struct poll_needs needs;
	bool may_be_last;

	if (watch->detector.kind == REPORT_DETECTOR_NONE ||
		(is_round_enough(watch, now) && ask_next(watch, now)))
		return;
	needs = find_needs(watch);
	may_be_last = watch->tracker.started && poll_pace_may_be_last(&watch->pace, &needs, now);
	if (may_be_last)
		watch->pace.early_at = now;
	dump_all(watch, !nothing_is_left(watch), may_be_last, now);
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

bool connection_watch_confirm(struct connection_watch *watch, msec_t now)
{
	if (!watch->tracker.may_ask || watch->is_new ||
		(watch->dumped_at == watch->pace.tried_at && poll_pace_is_fresh(&watch->pace, now)))
		return true;
	watch->wants_dump = now < poll_pace_confirm_at(&watch->pace);
	if (!watch->wants_dump) {
		bool was_closed = watch->tracker.settings.listener_closed;

		watch->pace.confirmed_at = now;
		dump_all(watch, !nothing_is_left(watch), true, now);
		if (watch->tracker.settings.listener_closed != was_closed) /* judge by that, too */
			dump_all(watch, !nothing_is_left(watch), true, now);
	}
	return watch->dumped_at == now;
}

static void log_ports_unknown(struct connection_watch *watch)
{
	if (watch->ports.unknown)
		degraded_note(&watch->degraded, REPORT_DEGRADED_PORTS_UNKNOWN,
			"cannot see which process owns the listening sockets (/proc is restricted, "
			"or the application runs as another user); without --port the drain takes "
			"its whole budget");
}

int connection_watch_follow(struct connection_watch *watch, const pid_t *main_pid, msec_t now)
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
		dump_all(watch, has_rows, false, now);
	log_ports_unknown(watch);
	return watch->events_fd;
}

/* Where no connection waits, the listening sockets alone show all there is to know of the queues. */
static void note_listeners(struct connection_watch *watch, msec_t now)
{
	const struct listeners *found = &watch->ports.found;
	unsigned listening = 0, waiting = 0;

	for (size_t i = 0; i < found->count; i++) {
		if (!port_set_has(&watch->ports.set, found->sockets[i].port))
			continue;
		listening++;
		waiting += found->sockets[i].waiting;
	}
	if (waiting == 0)
		accept_queue_nobody_waits(&watch->queue, listening, now);
	watch->queue.listening = listening;
	conn_tracker_listeners_polled(&watch->tracker, listening, now);
}

static void poll_listeners(struct connection_watch *watch, msec_t now)
{
	int64_t started_us = processor_now_us();

	if (app_ports_find_listeners(&watch->ports, &watch->detector) < 0)
		return;
	if (app_ports_are_old(&watch->ports))
		app_ports_discover(&watch->ports, &watch->degraded, watch->tracker.app_ended);
	note_listeners(watch, now);
	watch->pace.listeners_cost_us = processor_now_us() - started_us;
}

void connection_watch_poll_listeners(struct connection_watch *watch, msec_t now)
{
	if (now >= poll_pace_probe_at(&watch->pace))
		connection_watch_poll(watch, now);
	else if (watch->detector.kind == REPORT_DETECTOR_SOCK_DIAG)
		poll_listeners(watch, now);
}

msec_t connection_watch_note_probe(struct connection_watch *watch, bool is_serving)
{
	watch->pace.probes++;
	return poll_pace_news_ms(&watch->pace, is_serving);
}

void connection_watch_begin_turn(struct connection_watch *watch)
{
	watch->is_new = false;
	poll_pace_begin_turn(&watch->pace);
}

void connection_watch_end_turn(struct connection_watch *watch, msec_t begun_at, msec_t now)
{
	conn_tracker_note_interrupted(
		&watch->tracker, poll_pace_turn_ends(&watch->pace, begun_at), now);
}

/* SPDX-License-Identifier: MIT */
#include "lastcall/connection_polls.h"

#include "sys/fd.h"
#include "sys/monoclock.h"
#include "sys/process_exit.h"
#include "sys/procnet.h"

#include <errno.h>
#include <string.h>

void connection_polls_open(struct connection_polls *polls, struct log *log)
{
	polls->log = log;
	polls->degraded.log = log;
	polls->events_fd = -1;
	polls->polled_at = polls->dumped_at = -1;
	poll_pace_init(&polls->pace);
	accept_queue_init(&polls->queue);
	detector_open(&polls->detector, &polls->degraded);
	connection_rows_init(
		&polls->rows, &polls->detector, &polls->ports, &polls->tracker, &polls->queue);
}

void connection_polls_close(struct connection_polls *polls)
{
	detector_close(&polls->detector);
	(void)fd_close(polls->events_fd);
}

void connection_polls_discard(struct connection_polls *polls)
{
	polls->is_new = false;
	polls->dumped_at = polls->pace.confirmed_at = -1;
}

static void take_ending(void *arg, const struct connection *row)
{
	struct connection_polls *polls = arg;

	if (!connection_rows_counts_end(&polls->rows, row))
		return;
	polls->event_seen = true;
	conn_tracker_ended(&polls->tracker, row, polls->now);
}

/* A process that dies closes its sockets before it is reaped: on a busy machine, long before. */
static void look_for_death(struct connection_polls *polls)
{
	if (polls->main_pid > 0 && conn_tracker_take_doubt_of_life(&polls->tracker, polls->now) &&
		process_is_exiting(polls->main_pid))
		conn_tracker_app_dying(&polls->tracker, polls->now);
}

/* Reads what waits on the events' descriptor, if there is one. */
static void read_events(struct connection_polls *polls)
{
	if (polls->events_fd < 0 ||
		sockdiag_read_events(polls->events_fd, take_ending, polls) != -ENOBUFS)
		return;
	polls->event_seen = true;
	polls->tracker.has_events = false; /* the event of a missing connection may be lost */
	degraded_note(&polls->degraded, REPORT_DEGRADED_EVENTS_LOST,
		"the kernel dropped events of ended connections; their counts are partial");
}

void connection_polls_read_events(struct connection_polls *polls, msec_t now)
{
	polls->now = now;
	read_events(polls);
	look_for_death(polls);
}

/* Whether the application has ended and left no connection whose bytes lastcall would wait for. When the
 * namespace has no socket but the health endpoint's, a dump would walk the kernel's table in vain. */
static bool nothing_is_left(const struct connection_polls *polls)
{
	return polls->tracker.app_ended && polls->detector.kind == REPORT_DETECTOR_SOCK_DIAG &&
	       procnet_count_sockets() == (polls->ports.excluded > 0);
}

static void stop_asking(struct connection_polls *polls)
{
	polls->cannot_ask = true;
	degraded_note(&polls->degraded, REPORT_DEGRADED_NO_EXACT,
		"the kernel does not answer for single connections: dumping all of them instead, "
		"which takes longer on a host with many");
}

/* MPTCP's queues are in another table: a kernel that does not mark the subflows must not be asked for TCP
 * connections alone. */
static void decide_on_asking(struct connection_polls *polls)
{
	polls->tracker.may_ask = polls->detector.kind == REPORT_DETECTOR_SOCK_DIAG &&
				 !polls->cannot_ask &&
				 (!polls->ports.has_mptcp || polls->ports.tells_mptcp);
}

/* One poll. has_rows: there may be a connection. may_be_last: the poll may be the last one before the application
 * is signalled. */
static void dump_all(struct connection_polls *polls, bool has_rows, bool may_be_last, msec_t now)
{
	int64_t started_us = processor_now_us();
	int r;

	decide_on_asking(polls);
	if (has_rows && app_ports_find_listeners(&polls->ports, &polls->detector) == 0)
		app_ports_discover(&polls->ports, &polls->degraded, polls->tracker.app_ended);
	if (has_rows)
		r = connection_rows_read(&polls->rows, may_be_last, now);
	else {
		polls->ports.unknown = false; /* there is no listener */
		r = connection_rows_read_none(&polls->rows, now);
	}
	if (polls->rows.unix_sockets.unseen > 0)
		degraded_note(&polls->degraded, REPORT_DEGRADED_UNIX_UNSEEN,
			"clients in other network namespaces are connected to a unix-domain socket "
			"of the application; their requests cannot be seen");
	/* after the dump: a connection that is missing in it has an event waiting, as a rule */
	polls->now = now;
	read_events(polls);
	poll_pace_pay(&polls->pace, now, processor_now_us() - started_us, polls->rows.read_at,
		polls->rows.walk_us);
	polls->event_seen = polls->tracker.counts_ended; /* the dump was too early for its event */
	polls->wants_dump = false;
	if (r < 0) {
		log_event(polls->log, LOG_VERBOSE, "poll_failed",
			"cannot dump connections: %s, retrying", strerror(-r));
		return; /* polled_at stays: nothing was learnt of now */
	}
	accept_queue_pass_end(&polls->queue, now);
	conn_tracker_pass_end(&polls->tracker, now);
	look_for_death(polls);
	polls->polled_at = polls->dumped_at = now;
	polls->is_new = true;
	if (polls->tracker.is_ask_wrong && !polls->cannot_ask)
		stop_asking(polls);
	if (polls->tracker.totals.incomplete)
		degraded_note(&polls->degraded, REPORT_DEGRADED_TRACKER_FULL,
			"too many connections to follow each one; the others are only counted");
}

static struct poll_needs find_needs(const struct connection_polls *polls)
{
	const struct conn_counts *counts = &polls->tracker.counts;
	const unsigned busy = counts->busy + counts->undelivered;

	return (struct poll_needs){
		.ending_heard = polls->event_seen,
		.wants_dump = polls->wants_dump ||
			      conn_tracker_suspects_death(&polls->tracker, polls->polled_at),
		.can_ask = conn_tracker_can_ask(&polls->tracker),
		.asked = counts->held + counts->undelivered,
		.busy = busy,
		.unsure = counts->unsure,
		.settles_in = counts->settles_in,
		.ends_in = busy > 0 ? 0 : msec_max(counts->settles_in, counts->doubt_ends_in),
	};
}

/* The next slice of a round. Returns false where a poll has to take the place of the round. */
static bool ask_next(struct connection_polls *polls, msec_t now)
{
	int r;

	if (!polls->tracker.is_asking)
		polls->event_seen = false;
	r = ask_round_step(&polls->round, &polls->tracker, &polls->detector.diag, now);
	if (r < 0) {
		stop_asking(polls);
		return false;
	}
	if (r == 0)
		return true;
	connection_polls_read_events(polls, now); /* what is gone has an event waiting, as a rule */
	conn_tracker_ask_end(&polls->tracker);
	if (polls->round.asked > 0)
		poll_pace_pay_questions(
			&polls->pace, now, polls->round.cost_us, polls->round.asked);
	polls->polled_at = now;
	return true;
}

/* Whether a round of questions is enough now. */
static bool is_round_enough(const struct connection_polls *polls, msec_t now)
{
	const struct poll_needs needs = find_needs(polls);

	if (polls->tracker.is_asking)
		return true;
	return needs.can_ask && needs.asked > 0 && now < poll_pace_stop_at(&polls->pace, &needs) &&
	       poll_pace_ask_at(&polls->pace, &needs) != MSEC_NEVER;
}

void connection_polls_make(struct connection_polls *polls, msec_t now)
{
	struct poll_needs needs;
	bool may_be_last;

	if (polls->detector.kind == REPORT_DETECTOR_NONE ||
		(is_round_enough(polls, now) && ask_next(polls, now)))
		return;
	needs = find_needs(polls);
	may_be_last = polls->tracker.started && poll_pace_may_be_last(&polls->pace, &needs, now);
	if (may_be_last)
		polls->pace.early_at = now;
	dump_all(polls, !nothing_is_left(polls), may_be_last, now);
}

msec_t connection_polls_next_at(const struct connection_polls *polls)
{
	const struct poll_needs needs = find_needs(polls);

	if (polls->detector.kind == REPORT_DETECTOR_NONE)
		return MSEC_NEVER;
	if (polls->tracker.is_asking)
		return polls->pace.asked_at; /* the next slice at once, after what else waits */
	return msec_min(
		poll_pace_stop_at(&polls->pace, &needs), poll_pace_ask_at(&polls->pace, &needs));
}

bool connection_polls_confirm(struct connection_polls *polls, msec_t now)
{
	if (!polls->tracker.may_ask || polls->is_new ||
		(polls->dumped_at == polls->pace.tried_at && poll_pace_is_fresh(&polls->pace, now)))
		return true;
	polls->wants_dump = now < poll_pace_confirm_at(&polls->pace);
	if (!polls->wants_dump) {
		bool was_closed = polls->tracker.settings.listener_closed;

		polls->pace.confirmed_at = now;
		dump_all(polls, !nothing_is_left(polls), true, now);
		if (polls->tracker.settings.listener_closed != was_closed) /* judge by that, too */
			dump_all(polls, !nothing_is_left(polls), true, now);
	}
	return polls->dumped_at == now;
}

static void log_ports_unknown(struct connection_polls *polls)
{
	if (polls->ports.unknown)
		degraded_note(&polls->degraded, REPORT_DEGRADED_PORTS_UNKNOWN,
			"cannot see which process owns the listening sockets (/proc is restricted, "
			"or the application runs as another user); without --port the drain takes "
			"its whole budget");
}

int connection_polls_follow(struct connection_polls *polls, pid_t main_pid, msec_t now)
{
	bool has_rows = !nothing_is_left(polls);

	polls->main_pid = main_pid;
	/* joined before the first poll: no end between the two is missed */
	if (has_rows && polls->detector.kind == REPORT_DETECTOR_SOCK_DIAG) {
		int fd = sockdiag_open_events();

		if (fd >= 0)
			polls->events_fd = fd;
		else
			degraded_note(&polls->degraded, REPORT_DEGRADED_NO_EVENTS,
				"the kernel does not report ended connections; polling instead");
	}
	polls->tracker.has_events = polls->events_fd >= 0;
	conn_tracker_start(&polls->tracker, now);
	polls->polled_at = -1; /* a poll of this very millisecond may have been before the stop */
	if (polls->detector.kind != REPORT_DETECTOR_NONE)
		dump_all(polls, has_rows, false, now);
	log_ports_unknown(polls);
	return polls->events_fd;
}

/* Where no connection waits, the listening sockets alone show all there is to know of the queues. */
static void note_listeners(struct connection_polls *polls, msec_t now)
{
	const struct listeners *found = &polls->ports.found;
	unsigned listening = 0, waiting = 0;

	for (size_t i = 0; i < found->count; i++) {
		if (!port_set_has(&polls->ports.set, found->sockets[i].port))
			continue;
		listening++;
		waiting += found->sockets[i].waiting;
	}
	if (waiting == 0)
		accept_queue_nobody_waits(&polls->queue, listening, now);
	polls->queue.listening = listening;
	conn_tracker_listeners_polled(&polls->tracker, listening, now);
}

static void poll_listeners(struct connection_polls *polls, msec_t now)
{
	int64_t started_us = processor_now_us();

	if (app_ports_find_listeners(&polls->ports, &polls->detector) < 0)
		return;
	if (app_ports_are_old(&polls->ports))
		app_ports_discover(&polls->ports, &polls->degraded, polls->tracker.app_ended);
	note_listeners(polls, now);
	polls->pace.listeners_cost_us = processor_now_us() - started_us;
}

void connection_polls_probe(struct connection_polls *polls, msec_t now)
{
	if (now >= poll_pace_probe_at(&polls->pace))
		connection_polls_make(polls, now);
	else if (polls->detector.kind == REPORT_DETECTOR_SOCK_DIAG)
		poll_listeners(polls, now);
}

msec_t connection_polls_note_probe(struct connection_polls *polls, bool is_serving)
{
	polls->pace.probes++;
	return poll_pace_news_ms(&polls->pace, is_serving);
}

void connection_polls_begin_turn(struct connection_polls *polls)
{
	polls->is_new = false;
	poll_pace_begin_turn(&polls->pace);
}

void connection_polls_end_turn(struct connection_polls *polls, msec_t begun_at, msec_t now)
{
	conn_tracker_note_interrupted(
		&polls->tracker, poll_pace_turn_ends(&polls->pace, begun_at), now);
}

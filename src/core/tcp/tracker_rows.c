/* SPDX-License-Identifier: MIT */
#include "core/tcp/tracker_rows.h"

#include "core/tcp/tracker_endings.h"
#include "core/tcp/tracker_work.h"

#include <sys/socket.h>

/* The kernel sends the event of an ended socket from a work queue: 4.5 ms later were seen. */
#define EVENT_LATE_MS 20

/* What polls leave behind was measured with polls that are 20 ms apart: sooner ones would see the two writes of one
 * response as the pieces of a stream. */
#define MEMORY_POLL_MS 20

/* The user says that a request may take longer than this silence, for which the drain has no time. */
static bool is_silence_too_short(const struct conn_tracker *tracker, const struct connection *row)
{
	return tracker->settings.is_longest_given &&
	       connection_quiet_ms(row) < tracker->settings.longest_said;
}

/* Whether it is only called idle for its silence. Where the user has said that no request takes longer, bytes
 * that left after a request, and nothing since, are its answer. */
static bool ends_in_doubt(const struct conn_tracker *tracker, const struct tracked_conn *entry,
	const struct connection *row)
{
	if (entry->memory.doubt == DOUBT_NO_PROOF)
		return !tracker->settings.is_longest_given || !entry->memory.seen_leaving ||
		       is_silence_too_short(tracker, row);
	return entry->memory.doubt == DOUBT_UNANSWERED;
}

/* It is open, and a poll says that nothing is in flight: because it was proved, or because it was waited for
 * long enough. */
static void release_idle(
	struct conn_tracker *tracker, struct tracked_conn *entry, const struct connection *row)
{
	bool is_time_up = ends_in_doubt(tracker, entry, row);
	struct connection_end end =
		tracked_conn_end(entry, is_time_up ? ENDED_BY_TIME : ENDED_IN_PEACE);

	end.unanswered = connection_is_unanswered(row);
	if (!is_time_up) /* the verdict has a proof */
		end.answered |= end.hold == HOLD_REQUEST || entry->memory.seen_leaving;
	else if (is_silence_too_short(tracker, row))
		end.answered = false;
	conn_tracker_release(tracker, entry, &end);
}

static void note_closing(struct conn_tracker *tracker, struct tracked_conn *entry,
	const struct connection *row, msec_t now)
{
	conn_tracker_note_ender(tracker, entry, RECENT_ENDS_MS, now);
	entry->closing = true;
	entry->unaccepted = false; /* one that waits to be accepted is reset */
	if (row->has_info || !tracker->app_ended) /* it may have answered since the last poll */
		entry->unanswered = connection_is_unanswered(row);
	/* a last word on its way, or a lone FIN, is no answer, and none of the time of a request */
	if (entry->undelivered_bytes > LAST_WORD_OUT_MAX)
		conn_tracker_hold(tracker, entry, row, HOLD_REQUEST, CONNECTION_CLOSING, now);
	else if (tracked_conn_is_held(entry))
		conn_tracker_hold(tracker, entry, row, HOLD_NONE, CONNECTION_CLOSING, now);
}

/* At the stop it is called idle for its silence, and would have been waited for if the drain had the time. */
static bool lacks_time(const struct conn_tracker *tracker, const struct tracked_conn *entry,
	const struct connection *row)
{
	return !tracker->polled && !tracked_conn_is_held(entry) &&
	       ends_in_doubt(tracker, entry, row) &&
	       connection_quiet_ms(row) < tracker->settings.longest_said;
}

/* What this row says of the work on the connection. */
static void note_class(struct conn_tracker *tracker, struct tracked_conn *entry,
	const struct connection *row, enum connection_class connection_class, bool is_kept,
	msec_t now)
{
	switch (connection_class) {
	case CONNECTION_BUSY:
		conn_tracker_hold(tracker, entry, row, HOLD_REQUEST, connection_class, now);
		break;
	case CONNECTION_UNSURE:
		conn_tracker_hold(tracker, entry, row, is_kept ? HOLD_NONE : HOLD_DOUBT,
			is_kept ? CONNECTION_IDLE : connection_class, now);
		break;
	case CONNECTION_IDLE:
		if (lacks_time(tracker, entry, row))
			conn_tracker_hold(tracker, entry, row, HOLD_DOUBT, CONNECTION_UNSURE, now);
		release_idle(tracker, entry, row);
		break;
	case CONNECTION_NEW: /* no byte has come: neither was it a request that held it, nor an answer that left */
		entry->hold = HOLD_NONE;
		conn_tracker_release(tracker, entry, &(struct connection_end){.hold = HOLD_NONE});
		break;
	case CONNECTION_CLOSING: /* an answer on its way is work, a lone FIN is none */
		note_closing(tracker, entry, row, now);
		return;
	case CONNECTION_RECENT: /* may go on with the same work */
		if (row->state == TCP_STATE_ESTABLISHED || row->state == TCP_STATE_CLOSE_WAIT)
			conn_tracker_hold(tracker, entry, row, HOLD_NONE, connection_class, now);
		break;
	case CONNECTION_OTHER: /* the application has closed it, after its answer or not */
		entry->unanswered = connection_is_unanswered(row);
		return;
	case CONNECTION_CLASS_COUNT:
		return;
	}
	entry->unaccepted = connection_class == CONNECTION_BUSY && row->inode == 0;
	entry->unanswered = connection_is_unanswered(row);
	tracker->is_blind |= connection_class == CONNECTION_BUSY && !row->has_info;
}

/* The application, which was signalled or has died, has closed it over bytes that were not answered. */
static bool is_closed_unanswered(const struct conn_tracker *tracker, const struct connection *row)
{
	return tracker->polled && conn_tracker_ender_now(tracker) != ENDED_IN_PEACE &&
	       row->has_info && connection_is_unanswered(row) &&
	       (row->state == TCP_STATE_FIN_WAIT1 || row->state == TCP_STATE_FIN_WAIT2);
}

/* The kernel did not know it when it was asked for it, and it is open all the same. */
static void note_asked_wrong(struct conn_tracker *tracker, const struct tracked_conn *entry,
	const struct connection *row)
{
	tracker->is_ask_wrong |=
		tracker->may_ask && entry->missing && entry->local_end == 0 && !row->is_mptcp &&
		row->family != AF_UNIX &&
		(row->state == TCP_STATE_ESTABLISHED || row->state == TCP_STATE_CLOSE_WAIT);
}

/* What a poll says of a connection that is followed, or that now begins to be. memory is what the
 * polls so far have left; known is NULL for a new one. */
static struct tracked_conn *follow(struct conn_tracker *tracker, struct tracked_conn *known,
	const struct connection *row, enum connection_class connection_class, bool is_kept,
	const struct connection_memory *memory, msec_t now)
{
	const bool is_unanswered = is_closed_unanswered(tracker, row);
	struct tracked_conn *entry = known;
	bool is_cut;

	if (entry == NULL) {
		if (connection_class == CONNECTION_OTHER && !is_unanswered)
			return NULL; /* what remains of one that was followed may have another cookie */
		entry = cookie_map_add(&tracker->followed, row);
		if (entry == NULL) {
			tracker->totals.incomplete = true;
			return NULL;
		}
		if (row->family != AF_UNIX)
			entry->local_end =
				local_ends_number(&tracker->local_ends, row) & LOCAL_ENDS_MAX;
		entry->at_start = !tracker->polled;
		if (tracker->polled) {
			tracker->totals.arrived++;
			tracker->totals.last_arrival = now;
		}
	}
	if (known != NULL && memory->received != known->memory.received && tracker->started)
		tracker->totals.last_arrival = msec_max(
			tracker->totals.last_arrival, now - (msec_t)row->last_data_recv_ms);
	if (row->is_mptcp)
		entry->local_end = 0; /* its queues are not TCP's */
	note_asked_wrong(tracker, entry, row);
	is_cut = is_unanswered && tracked_conn_was_asked_since(entry, row);
	tracked_conn_note_moves(
		entry, row, tracker->settings.settle, conn_tracker_since_start(tracker, now));
	entry->memory = *memory;
	entry->pass = tracker->pass & TRACKER_PASS_MASK;
	entry->missing = false;
	entry->half_closed = row->state == TCP_STATE_CLOSE_WAIT;
	tracked_conn_keep_numbers(entry, row);
	if (!tracker->started)
		return entry;
	entry->at_start |= !tracker->polled; /* those that were followed before it, too */
	entry->peer_gone = row->wqueue > 0 && !connection_is_undelivered(row);
	conn_tracker_note_delivery(tracker, entry, connection_undelivered_bytes(row));
	if (is_cut) /* it came, and was lost, since the last poll */
		conn_tracker_hold(tracker, entry, row, HOLD_REQUEST, CONNECTION_CLOSING, now);
	note_class(tracker, entry, row, connection_class, is_kept, now);
	return entry;
}

static msec_t settles_in(const struct conn_tracker *tracker, const struct connection *row)
{
	return msec_max(tracker->settings.settle - connection_quiet_ms(row), 1);
}

void conn_counts_add_undelivered(struct conn_counts *counts, const struct connection *row)
{
	if (!connection_is_undelivered(row))
		return;
	counts->undelivered++;
	counts->undelivered_bytes += connection_undelivered_bytes(row);
}

/* What a drain is to know of a connection that holds it. */
static void count_blocker(
	struct conn_counts *counts, const struct connection_memory *memory, msec_t now)
{
	counts->in_flight += memory->may_wait;
	if (!memory->has_asked)
		counts->holds_from_before = true;
	else
		counts->oldest_request_ms =
			msec_max(counts->oldest_request_ms, (uint32_t)now - memory->asked_at);
}

static bool is_held(enum connection_class connection_class)
{
	return connection_class == CONNECTION_BUSY || connection_class == CONNECTION_UNSURE ||
	       connection_class == CONNECTION_RECENT;
}

static void count(const struct conn_tracker *tracker, struct conn_counts *counts,
	const struct connection *row, enum connection_class connection_class,
	const struct connection_memory *memory, msec_t now)
{
	bool closing = connection_class == CONNECTION_CLOSING;

	counts->open += connection_class != CONNECTION_OTHER && !closing;
	counts->busy += connection_class == CONNECTION_BUSY;
	counts->unsure += connection_class == CONNECTION_UNSURE;
	counts->held += is_held(connection_class);
	if (is_held(connection_class))
		count_blocker(counts, memory, now);
	if (connection_class == CONNECTION_UNSURE) {
		counts->unproven += memory->doubt == DOUBT_NO_PROOF;
		counts->doubt_ends_in = msec_max(counts->doubt_ends_in,
			connection_doubt_ends_in(row, memory, &tracker->settings));
	}
	counts->idle += connection_class == CONNECTION_NEW || connection_class == CONNECTION_IDLE;
	counts->unused += connection_class == CONNECTION_NEW;
	if (connection_class == CONNECTION_RECENT)
		counts->settles_in = msec_max(counts->settles_in, settles_in(tracker, row));
	counts->unaccepted += connection_class == CONNECTION_BUSY && row->inode == 0;
	if (connection_class != CONNECTION_OTHER)
		conn_counts_add_undelivered(counts, row);
}

/* Whether a connection holds only because its server has closed its listener and not this connection: it
 * would be idle, and no request of it is known. */
static bool is_kept_only(const struct conn_tracker *tracker, const struct connection *row,
	enum connection_class connection_class, const struct connection_memory *memory, msec_t now)
{
	struct class_settings open = tracker->settings;
	struct connection_memory again = *memory;
	enum connection_class otherwise;

	if (!open.listener_closed || connection_class != CONNECTION_UNSURE)
		return false;
	open.listener_closed = false;
	otherwise = connection_classify(row, &again, &open, now);
	return otherwise != CONNECTION_BUSY && otherwise != CONNECTION_UNSURE;
}

/* A look at a connection that still holds the drain, so soon after the last one: it changes nothing but the counts. */
static bool is_glance(const struct tracked_conn *known, enum connection_class connection_class,
	bool is_answer, msec_t now)
{
	return known != NULL && is_answer && is_held(connection_class) &&
	       (uint32_t)now - known->memory.polled_at < MEMORY_POLL_MS;
}

static bool is_to_be_asked(const struct conn_tracker *tracker, const struct tracked_conn *entry,
	enum connection_class connection_class)
{
	return tracker->may_ask && tracker->started && entry->local_end != 0 && !entry->ended &&
	       (is_held(connection_class) || connection_class == CONNECTION_CLOSING);
}

void conn_tracker_take_row(struct conn_tracker *tracker, struct tracked_conn *known,
	const struct connection *row, bool is_answer, msec_t now)
{
	struct connection_memory memory = {.polled = false};
	struct conn_counts *counts = &tracker->rest_counts;
	enum connection_class connection_class;
	struct tracked_conn *entry = known;
	bool is_kept;

	if (known != NULL) {
		memory = known->memory;
	} else if (tracker->polled) { /* opened since the stop */
		memory.has_asked = true;
		memory.asked_at = (uint32_t)now;
	}
	connection_class = connection_classify(row, &memory, &tracker->settings, now);
	is_kept = is_kept_only(tracker, row, connection_class, &memory, now);
	if (row->cookie != 0 && !is_glance(known, connection_class, is_answer, now))
		entry = follow(tracker, known, row, connection_class, is_kept, &memory, now);
	if (entry != NULL) {
		entry->asked = is_to_be_asked(tracker, entry, connection_class);
		counts = entry->asked ? &tracker->asked_counts : counts;
	}
	counts->kept += is_kept;
	count(tracker, counts, row, connection_class, &memory, now);
}

enum connection_class conn_tracker_judge_row(const struct conn_tracker *tracker,
	const struct connection *row, struct conn_counts *counts,
	struct connection_memory *ret_memory, msec_t now)
{
	const struct tracked_conn *known = cookie_map_peek(&tracker->followed, row->cookie);
	enum connection_class connection_class;

	*ret_memory = known != NULL ? known->memory : (struct connection_memory){.polled = false};
	if (row->state == TCP_STATE_LISTEN) {
		counts->listening++;
		return CONNECTION_OTHER;
	}
	if (conn_tracker_is_ignored(tracker, row) ||
		(row->state == TCP_STATE_FIN_WAIT2 && !row->has_info))
		return CONNECTION_OTHER;
	connection_class = connection_classify(row, ret_memory, &tracker->settings, now);
	count(tracker, counts, row, connection_class, ret_memory, now);
	return connection_class;
}

void conn_tracker_note_missing(struct conn_tracker *tracker, struct tracked_conn *entry, msec_t now)
{
	conn_tracker_note_ender(tracker, entry, EVENT_LATE_MS, now); /* its event will tell */
	if (!entry->missing)
		entry->held_until = conn_tracker_since_start(tracker, now);
	entry->missing = true;
}

static struct conn_counts sum(const struct conn_counts *a, const struct conn_counts *b)
{
	return (struct conn_counts){
		.open = a->open + b->open,
		.busy = a->busy + b->busy,
		.unsure = a->unsure + b->unsure,
		.unproven = a->unproven + b->unproven,
		.kept = a->kept + b->kept,
		.held = a->held + b->held,
		.idle = a->idle + b->idle,
		.unused = a->unused + b->unused,
		.in_flight = a->in_flight + b->in_flight,
		.holds_from_before = a->holds_from_before || b->holds_from_before,
		.oldest_request_ms = msec_max(a->oldest_request_ms, b->oldest_request_ms),
		.unaccepted = a->unaccepted + b->unaccepted,
		.undelivered = a->undelivered + b->undelivered,
		.undelivered_bytes = a->undelivered_bytes + b->undelivered_bytes,
		.doubt_ends_in = msec_max(a->doubt_ends_in, b->doubt_ends_in),
		.settles_in = msec_max(a->settles_in, b->settles_in),
		.listening = a->listening + b->listening,
	};
}

void conn_tracker_publish(struct conn_tracker *tracker)
{
	tracker->counts = sum(&tracker->rest_counts, &tracker->asked_counts);
	if (tracker->started && tracker->counts.busy > tracker->totals.peak_busy)
		tracker->totals.peak_busy = tracker->counts.busy;
}

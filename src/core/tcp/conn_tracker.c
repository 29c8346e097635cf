/* SPDX-License-Identifier: MIT */
#include "core/tcp/conn_tracker.h"

#include "core/tcp/tracker_work.h"

/* The kernel sends the event of an ended socket from a work queue: 4.5 ms later were seen. */
#define EVENT_LATE_MS 20

#define PASS_AGE_MAX 128

void conn_tracker_init(struct conn_tracker *tracker, struct tracked_conn *entries, uint32_t *index,
	size_t capacity, const struct class_settings *settings)
{
	*tracker = (struct conn_tracker){
		.settings = *settings,
	};
	cookie_map_init(&tracker->followed, entries, index, capacity);
}

void conn_tracker_ignore(
	struct conn_tracker *tracker, const struct peer_range *ranges, size_t count)
{
	tracker->ignored = ranges;
	tracker->ignored_count = count;
}

void conn_tracker_start(struct conn_tracker *tracker, msec_t now)
{
	tracker->started = true;
	tracker->started_at = now;
	tracker->totals.last_arrival = now;
	tracker->settings.draining = true;
	tracker->settings.stopped_at = now;
}

/* Whether it is only called idle for its silence. Where the user has said that no request takes longer, bytes
 * that left after a request, and nothing since, are its answer. */
static bool ends_in_doubt(const struct conn_tracker *tracker, const struct tracked_conn *entry)
{
	if (entry->memory.doubt == DOUBT_NO_PROOF)
		return !(tracker->settings.is_longest_given && entry->memory.seen_leaving);
	return entry->memory.doubt == DOUBT_UNANSWERED;
}

/* It is open, and a poll says that nothing is in flight: because it was proved, or because it was waited for
 * long enough. */
static void release_idle(struct conn_tracker *tracker, struct tracked_conn *entry,
	const struct connection *row, msec_t now)
{
	bool is_time_up = ends_in_doubt(tracker, entry);
	struct connection_end end =
		tracked_conn_end(entry, is_time_up ? ENDED_BY_TIME : ENDED_IN_PEACE,
			conn_tracker_since_start(tracker, now));

	end.unanswered = connection_is_unanswered(row);
	if (!is_time_up) /* the verdict has a proof */
		end.answered |= end.hold == HOLD_REQUEST || entry->memory.seen_leaving;
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
	/* a last word on its way, or a lone FIN, is no answer */
	if (entry->undelivered_bytes > LAST_WORD_OUT_MAX)
		conn_tracker_hold(tracker, entry, row, HOLD_REQUEST, CONNECTION_CLOSING, now);
	else if (tracked_conn_is_held(entry))
		conn_tracker_hold(tracker, entry, row, (enum connection_hold)entry->hold,
			CONNECTION_CLOSING, now);
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
	case CONNECTION_NEW:
	case CONNECTION_IDLE:
		release_idle(tracker, entry, row, now);
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

/* What a poll says of a connection that is followed, or that now begins to be. memory is what the
 * polls so far have left; known is NULL for a new one. */
static void follow(struct conn_tracker *tracker, struct tracked_conn *known,
	const struct connection *row, enum connection_class connection_class, bool is_kept,
	const struct connection_memory *memory, msec_t now)
{
	const bool is_unanswered = is_closed_unanswered(tracker, row);
	struct tracked_conn *entry = known;
	bool is_cut;

	if (entry == NULL) {
		if (connection_class == CONNECTION_OTHER && !is_unanswered)
			return; /* what remains of one that was followed may have another cookie */
		entry = cookie_map_add(&tracker->followed, row);
		if (entry == NULL) {
			tracker->totals.incomplete = true;
			return;
		}
		entry->at_start = !tracker->polled;
		if (tracker->polled) {
			tracker->totals.arrived++;
			tracker->totals.last_arrival = now;
		}
	}
	if (known != NULL && memory->received != known->memory.received && tracker->started)
		tracker->totals.last_arrival = msec_max(
			tracker->totals.last_arrival, now - (msec_t)row->last_data_recv_ms);
	is_cut = is_unanswered && tracked_conn_was_asked_since(entry, row);
	tracked_conn_note_moves(
		entry, row, tracker->settings.settle, conn_tracker_since_start(tracker, now));
	entry->memory = *memory;
	entry->pass = tracker->pass;
	entry->missing = false;
	entry->half_closed = row->state == TCP_STATE_CLOSE_WAIT;
	tracked_conn_keep_numbers(entry, row);
	if (!tracker->started)
		return;
	entry->at_start |= !tracker->polled; /* those that were followed before it, too */
	entry->peer_gone = row->wqueue > 0 && !connection_is_undelivered(row);
	conn_tracker_note_delivery(tracker, entry, connection_undelivered_bytes(row));
	if (is_cut) /* it came, and was lost, since the last poll */
		conn_tracker_hold(tracker, entry, row, HOLD_REQUEST, CONNECTION_CLOSING, now);
	note_class(tracker, entry, row, connection_class, is_kept, now);
}

static msec_t settles_in(const struct conn_tracker *tracker, const struct connection *row)
{
	return msec_max(tracker->settings.settle - connection_quiet_ms(row), 1);
}

static void count_undelivered(struct conn_counts *counts, const struct connection *row)
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

static void count(const struct conn_tracker *tracker, struct conn_counts *counts,
	const struct connection *row, enum connection_class connection_class,
	const struct connection_memory *memory, msec_t now)
{
	bool is_held = connection_class == CONNECTION_BUSY ||
		       connection_class == CONNECTION_UNSURE ||
		       connection_class == CONNECTION_RECENT;
	bool closing = connection_class == CONNECTION_CLOSING;

	counts->open += connection_class != CONNECTION_OTHER && !closing;
	counts->busy += connection_class == CONNECTION_BUSY;
	counts->unsure += connection_class == CONNECTION_UNSURE;
	counts->held += is_held;
	if (is_held)
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
		count_undelivered(counts, row);
}

/* Passes are numbered modulo 2^8, and any number of them may fail: a connection that none of them has met shall not
 * look as if this one had. */
static void limit_ages(struct conn_tracker *tracker)
{
	for (size_t i = 0; i < tracker->followed.count; i++) {
		struct tracked_conn *entry = &tracker->followed.entries[i];

		if ((uint8_t)(tracker->pass - entry->pass) > PASS_AGE_MAX)
			entry->pass = (uint8_t)(tracker->pass - PASS_AGE_MAX);
	}
}

void conn_tracker_pass_begin(struct conn_tracker *tracker)
{
	tracker->open_counts = (struct conn_counts){0};
	tracker->suspected_before = tracker->suspected_at;
	cookie_map_rewind(&tracker->followed);
	tracker->pass++;
	if (tracker->pass % (PASS_AGE_MAX / 2) == 0)
		limit_ages(tracker);
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

void conn_tracker_pass_row(struct conn_tracker *tracker, const struct connection *row, msec_t now)
{
	struct connection_memory memory = {.polled = false};
	enum connection_class connection_class;
	struct tracked_conn *known;
	bool is_kept;

	if (row->state == TCP_STATE_LISTEN) {
		tracker->open_counts.listening++;
		return;
	}
	if (conn_tracker_is_ignored(tracker, row))
		return;
	if (row->state == TCP_STATE_FIN_WAIT2 && !row->has_info)
		return; /* no socket any more, only its address: it counts as gone */
	known = cookie_map_find(&tracker->followed, row->cookie);
	if (known != NULL) {
		if (known->pass == tracker->pass)
			return; /* a dump is not atomic: a row may come twice */
		memory = known->memory;
	} else if (tracker->polled) { /* opened since the stop */
		memory.has_asked = true;
		memory.asked_at = (uint32_t)now;
	}
	connection_class = connection_classify(row, &memory, &tracker->settings, now);
	is_kept = is_kept_only(tracker, row, connection_class, &memory, now);
	tracker->open_counts.kept += is_kept;
	count(tracker, &tracker->open_counts, row, connection_class, &memory, now);
	if (row->cookie != 0)
		follow(tracker, known, row, connection_class, is_kept, &memory, now);
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

void conn_tracker_pass_stray(struct conn_tracker *tracker, const struct connection *row)
{
	if (!conn_tracker_is_ignored(tracker, row))
		count_undelivered(&tracker->open_counts, row);
}

void conn_tracker_pass_waiting(struct conn_tracker *tracker, unsigned waiting)
{
	tracker->open_counts.open += waiting;
	tracker->open_counts.busy += waiting;
	tracker->open_counts.held += waiting;
	tracker->open_counts.unaccepted += waiting;
	tracker->open_counts.in_flight += waiting;
}

void conn_tracker_pass_unseen(struct conn_tracker *tracker, unsigned unseen, msec_t now)
{
	struct conn_counts *counts = &tracker->open_counts;
	msec_t doubt = tracker->settings.longest_request, quiet = now - tracker->started_at;

	tracker->unseen = unseen;
	if (unseen == 0 || (doubt > 0 && quiet >= doubt))
		return;
	counts->open += unseen;
	counts->unsure += unseen;
	counts->unproven += unseen;
	counts->held += unseen;
	counts->in_flight += unseen;
	counts->holds_from_before = true;
	if (doubt > 0)
		counts->doubt_ends_in = msec_max(counts->doubt_ends_in, doubt - quiet);
}

static bool holds_by_proof(const struct conn_tracker *tracker, const struct connection *row)
{
	if (connection_judge(row, &tracker->settings) != CONNECTION_BUSY)
		return false;
	return row->rqueue > 0 || row->wqueue > 0 || !row->has_info ||
	       connection_quiet_ms(row) < TRACKER_INTERNAL_MS;
}

/* One that was taken for a client's is forgotten: neither its end nor its absence tells anything. */
void conn_tracker_pass_internal(struct conn_tracker *tracker, const struct connection *row)
{
	struct tracked_conn *known =
		row->cookie != 0 ? cookie_map_find(&tracker->followed, row->cookie) : NULL;
	bool is_held = holds_by_proof(tracker, row);

	tracker->open_counts.held += is_held;
	tracker->open_counts.holds_from_before |= is_held;
	if (known == NULL)
		return;
	known->held_since = TRACKER_NEVER;
	known->undelivered_bytes = 0;
	known->unaccepted = false;
	known->ended = true;
	known->pass = tracker->pass;
}

/* Whether a connection is to be followed on: seen by one of the last two polls, for its event comes a
 * moment after it is gone; or missing without its event, which is then yet to come. */
static bool is_followed_on(const struct conn_tracker *tracker, const struct tracked_conn *entry)
{
	if ((uint8_t)(tracker->pass - entry->pass) <= 1)
		return true;
	return tracker->started && tracker->has_events && !entry->ended;
}

/* A connection that is gone while the application has no reason to cut was not cut by it, though the event
 * that tells what became of it may come after the application's end: the kernel sends it from a work
 * queue. */
static void note_missing(struct conn_tracker *tracker, struct tracked_conn *entry, msec_t now)
{
	if (entry->pass == tracker->pass)
		return;
	conn_tracker_note_ender(tracker, entry, EVENT_LATE_MS, now); /* its event will tell */
	entry->missing = true;
}

/* Drops what is gone. */
static void compact(struct conn_tracker *tracker, msec_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < tracker->followed.count; i++) {
		note_missing(tracker, &tracker->followed.entries[i], now);
		if (is_followed_on(tracker, &tracker->followed.entries[i]))
			tracker->followed.entries[kept++] = tracker->followed.entries[i];
		else if (tracker->started)
			conn_tracker_settle_vanished(tracker, &tracker->followed.entries[i], now);
	}
	cookie_map_keep(&tracker->followed, kept);
}

bool conn_tracker_holds(const struct conn_tracker *tracker)
{
	return tracker->open_counts.held > 0;
}

void conn_tracker_pass_end(struct conn_tracker *tracker, msec_t now)
{
	tracker->counts = tracker->open_counts;
	conn_tracker_note_listeners(tracker, now);
	compact(tracker, now);
	if (!tracker->started)
		return;
	tracker->polled = true;
	if (tracker->counts.busy > tracker->totals.peak_busy)
		tracker->totals.peak_busy = tracker->counts.busy;
}

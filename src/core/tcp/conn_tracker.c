/* SPDX-License-Identifier: MIT */
#include "core/tcp/conn_tracker.h"

#include "core/tcp/tracker_rows.h"
#include "core/tcp/tracker_work.h"

/* docker pause, or a host with no processor to spare: the connections were silent for that, too. */
#define ABSENT_MS 100

/* In passes. */
#define PASS_AGE_MAX ((TRACKER_PASS_MASK + 1) / 2)

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
	tracker->settings.absent_ms = 0;
	tracker->settings.interrupted_until = now;
}

void conn_tracker_note_late(struct conn_tracker *tracker, msec_t due_at, msec_t now)
{
	if (now - due_at < ABSENT_MS)
		return;
	tracker->settings.absent_ms += now - due_at;
	tracker->settings.absent_until = now;
}

void conn_tracker_note_interrupted(struct conn_tracker *tracker, msec_t due_at, msec_t now)
{
	conn_tracker_note_late(tracker, due_at, now);
	if (tracker->settings.absent_until == now)
		tracker->settings.interrupted_until = now;
}

/* How many passes ago one has met a connection. They are numbered modulo 2^5. */
static unsigned age(const struct conn_tracker *tracker, const struct tracked_conn *entry)
{
	return (tracker->pass - entry->pass) & TRACKER_PASS_MASK;
}

/* Any number of passes may fail: a connection that none of them has met shall not look as if this one had. */
static void limit_ages(struct conn_tracker *tracker)
{
	for (size_t i = 0; i < tracker->followed.count; i++) {
		struct tracked_conn *entry = &tracker->followed.entries[i];

		if (age(tracker, entry) > PASS_AGE_MAX)
			entry->pass = (tracker->pass - PASS_AGE_MAX) & TRACKER_PASS_MASK;
	}
}

void conn_tracker_pass_begin(struct conn_tracker *tracker)
{
	tracker->rest_counts = tracker->asked_counts = (struct conn_counts){0};
	tracker->is_asking = tracker->is_whole = tracker->counts_ended = false;
	tracker->suspected_before = tracker->suspected_at;
	cookie_map_rewind(&tracker->followed);
	tracker->pass = (tracker->pass + 1) & TRACKER_PASS_MASK;
	if (tracker->pass % (PASS_AGE_MAX / 2) == 0)
		limit_ages(tracker);
}

void conn_tracker_pass_row(struct conn_tracker *tracker, const struct connection *row, msec_t now)
{
	struct tracked_conn *known;

	if (row->state == TCP_STATE_LISTEN) {
		tracker->rest_counts.listening++;
		return;
	}
	if (conn_tracker_is_ignored(tracker, row))
		return;
	if (row->state == TCP_STATE_FIN_WAIT2 && !row->has_info)
		return; /* no socket any more, only its address: it counts as gone */
	known = cookie_map_find(&tracker->followed, row->cookie);
	if (known != NULL && known->pass == tracker->pass)
		return; /* a dump is not atomic: a row may come twice */
	conn_tracker_take_row(tracker, known, row, false, now);
}

void conn_tracker_pass_stray(struct conn_tracker *tracker, const struct connection *row)
{
	if (!conn_tracker_is_ignored(tracker, row))
		conn_counts_add_undelivered(&tracker->rest_counts, row);
}

void conn_tracker_pass_waiting(struct conn_tracker *tracker, unsigned waiting)
{
	tracker->rest_counts.open += waiting;
	tracker->rest_counts.busy += waiting;
	tracker->rest_counts.held += waiting;
	tracker->rest_counts.unaccepted += waiting;
	tracker->rest_counts.in_flight += waiting;
}

void conn_tracker_pass_unseen(struct conn_tracker *tracker, unsigned unseen, msec_t now)
{
	struct conn_counts *counts = &tracker->rest_counts;
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

	tracker->rest_counts.held += is_held;
	tracker->rest_counts.holds_from_before |= is_held;
	if (known == NULL)
		return;
	known->held_since = TRACKER_NEVER;
	tracked_conn_forget(known);
	known->pass = tracker->pass & TRACKER_PASS_MASK;
}

/* Whether a connection is to be followed on: seen by one of the last two polls, for its event comes a
 * moment after it is gone; or missing without its event, which is then yet to come. The event of one that was gone
 * before the stop came before lastcall listened for it. */
static bool is_followed_on(const struct conn_tracker *tracker, const struct tracked_conn *entry)
{
	const unsigned passes = age(tracker, entry);

	if (passes > 0 && tracker->started && !tracker->polled)
		return false;
	return passes <= 1 || (tracker->started && tracker->has_events && !entry->ended);
}

/* Drops what is gone. */
static void compact(struct conn_tracker *tracker, msec_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < tracker->followed.count; i++) {
		if (tracker->followed.entries[i].pass != tracker->pass)
			conn_tracker_note_missing(tracker, &tracker->followed.entries[i], now);
		if (is_followed_on(tracker, &tracker->followed.entries[i]))
			tracker->followed.entries[kept++] = tracker->followed.entries[i];
		else if (tracker->started)
			conn_tracker_settle_vanished(tracker, &tracker->followed.entries[i]);
	}
	cookie_map_keep(&tracker->followed, kept);
}

bool conn_tracker_holds(const struct conn_tracker *tracker)
{
	return tracker->rest_counts.held + tracker->asked_counts.held > 0;
}

void conn_tracker_pass_end(struct conn_tracker *tracker, msec_t now)
{
	tracker->is_whole = true;
	conn_tracker_publish(tracker);
	conn_tracker_note_listeners(tracker, now);
	compact(tracker, now);
	tracker->polled = tracker->started;
}

void conn_tracker_listeners_polled(struct conn_tracker *tracker, unsigned listening, msec_t now)
{
	tracker->rest_counts.listening = tracker->counts.listening = listening;
	conn_tracker_note_listeners(tracker, now);
}

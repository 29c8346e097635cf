/* SPDX-License-Identifier: MIT */
#include "core/tcp/tracker_endings.h"

#include "core/tcp/tracker_work.h"

/* The kernel's times are in ticks, of 10 ms at most. */
#define TICKS_MS 20

void conn_tracker_note_ender(
	struct conn_tracker *tracker, struct tracked_conn *entry, msec_t suspect_for, msec_t now)
{
	const enum connection_ender ender = conn_tracker_ender_now(tracker);
	const struct connection_end end = tracked_conn_end(entry, ender);

	if (entry->closing || entry->missing)
		return;
	entry->ender = (unsigned)ender & 3;
	tracker->ended_lately |= end.hold != HOLD_NONE; /* also where it was held for doubt alone */
	if (ender == ENDED_IN_PEACE && end.hold == HOLD_REQUEST && (!end.answered || end.streamed))
		tracker->suspected_at =
			msec_max(tracker->suspected_at, now - RECENT_ENDS_MS + suspect_for);
}

void conn_tracker_settle_vanished(struct conn_tracker *tracker, struct tracked_conn *entry)
{
	struct connection_end end = tracked_conn_end(entry, conn_tracker_ender_now(tracker));

	tracker->totals.accept_queue_lost += tracker->app_ended && entry->unaccepted;
	end.lost_bytes = 0;
	/* Once the application has ended, the event is late. What waited until our SIGKILL was not answered any more. */
	end.vanished = (!tracker->has_events || tracker->app_ended) &&
		       !(tracker->app_killed && end.ender == ENDED_BY_DEATH);
	if (tracker->is_blind && !end.unanswered)
		end.hold = HOLD_DOUBT;
	conn_tracker_release(tracker, entry, &end);
	conn_tracker_note_delivery(tracker, entry, 0);
}

/* The last event of a socket does not say whether its queue ends with a FIN. */
static uint32_t lost_bytes(const struct conn_tracker *tracker, const struct tracked_conn *entry,
	const struct connection *last)
{
	bool fin_queued = tracker->app_ended || entry->closing;

	return last->wqueue > fin_queued ? last->wqueue - fin_queued : 0;
}

/* While it dies, no time passes for what ended just before. */
static msec_t recent_now(const struct conn_tracker *tracker, msec_t now)
{
	return tracker->app_dying ? msec_min(now, tracker->dying_at) : now;
}

/* What is to be judged again if the application turns out to have died just now. */
static void note_recent(struct conn_tracker *tracker, const struct connection_end *end,
	enum connection_ending ending, msec_t now)
{
	if (end->ender == ENDED_BY_DEATH ||
		(tracker->app_signalled && end->ender == ENDED_IN_PEACE))
		return; /* it is known already, or was before the signal */
	tracker->ended_lately = true;
	if ((ending == CONNECTION_GAVE_UP && !end->peer_gone) || end->streamed)
		tracker->suspected_at = now;
	now = recent_now(tracker, now);
	if (ending == CONNECTION_GAVE_UP && end->ender == ENDED_IN_PEACE && !end->peer_gone)
		recent_ends_add(&tracker->recent, RECENT_GAVE_UP, now);
	else if (ending == CONNECTION_FINISHED)
		recent_ends_add(
			&tracker->recent, end->streamed ? RECENT_STREAMED : RECENT_ANSWERED, now);
	else if (ending == CONNECTION_HELD && end->hold != HOLD_NONE)
		recent_ends_add(&tracker->recent, RECENT_DOUBTED, now);
	else if (ending == CONNECTION_HELD && end->recent)
		recent_ends_add(&tracker->recent, RECENT_RESTED, now);
}

static struct tracked_conn *begin_unseen(struct conn_tracker *tracker, struct tracked_conn *unseen,
	const struct connection *last, msec_t now)
{
	tracked_conn_init(unseen, last);
	tracker->totals.arrived += tracker->polled; /* else it may have been there at the start */
	tracker->totals.last_arrival = now;
	if (last->data_segs_in > 0) {
		conn_tracker_hold(tracker, unseen, last, HOLD_REQUEST, CONNECTION_BUSY, now);
		unseen->asked_segs_out = 0;
	}
	return unseen;
}

/* A connection that the tracker did not follow was reset by its owner, or because its listener was closed over
 * it. The kernel disconnects it before (inet_child_forget, tcp_disconnect; Linux 6.18), so that its event has
 * neither a peer nor counters. The event of a listener looks the same, but none of its times was ever set. One from
 * here is most likely the application's own: CherryPy connects to itself to wake the thread that accepts. */
static void count_reset(struct conn_tracker *tracker, const struct connection *last, msec_t now)
{
	if (!last->has_info || last->from_here ||
		last->last_data_sent_ms == last->last_data_recv_ms)
		return;
	if (conn_tracker_ender_now(tracker) == ENDED_IN_PEACE) {
		tracker->suspected_at = now;
		return;
	}
	tracker->totals.arrived += tracker->polled;
	tracker->totals.accept_queue_lost++;
}

/* It has been missing for long: its client has reset it, and the application closes it only now. */
static bool was_gone_long(const struct tracked_conn *entry, int32_t at)
{
	return entry->missing && at - entry->held_until > RECENT_ENDS_MS;
}

/* All of its answer was there before the stop. Or its client had reset it before, and the application closes it only now:
 * the first poll of the stop has not shown it, and its last byte came before the stop. */
static bool was_over_before(
	const struct conn_tracker *tracker, const struct connection *last, msec_t now)
{
	if (last->wqueue == 0 && last->last_data_sent_ms < last->last_data_recv_ms &&
		last->last_data_sent_ms > now - tracker->started_at)
		return true;
	return tracker->polled && !tracker->totals.incomplete &&
	       last->last_data_recv_ms > now - tracker->started_at + TICKS_MS;
}

void conn_tracker_ended(struct conn_tracker *tracker, const struct connection *last, msec_t now)
{
	const enum connection_ender ender = conn_tracker_ender_now(tracker);
	const int32_t at = conn_tracker_since_start(tracker, now);
	struct tracked_conn *entry, unseen;
	struct connection_end end;
	enum connection_ending ending;
	uint32_t lost;
	bool was_held, was_gone;

	if (!tracker->started)
		return;
	entry = cookie_map_find(&tracker->followed, last->cookie);
	if (entry == NULL && conn_tracker_is_ignored(tracker, last))
		return;
	if (entry == NULL && last->peer_port == 0) {
		count_reset(tracker, last, now);
		return;
	}
	if (entry == NULL && was_over_before(tracker, last, now))
		return;
	if (entry != NULL && entry->pass == tracker->pass)
		tracker->counts_ended = true;
	was_held = entry != NULL && tracked_conn_is_held(entry);
	if (entry == NULL) /* came and went between two polls */
		entry = begin_unseen(tracker, &unseen, last, now);
	lost = last->peer_port == 0 ? entry->undelivered_bytes : lost_bytes(tracker, entry, last);
	was_gone = was_gone_long(entry, at);
	conn_tracker_note_delivery(tracker, entry, lost);
	end = tracked_conn_last_end(entry, last, lost, ender, tracker->settings.settle, at);
	tracker->totals.lost_bytes += end.lost_bytes;
	tracker->totals.accept_queue_lost +=
		entry->unaccepted && last->data_segs_out == 0 && ender != ENDED_IN_PEACE;
	ending = connection_end_judge(&end);
	if (tracked_conn_is_held(entry)) {
		if (!was_gone) {
			entry->held_until = at;
			note_recent(tracker, &end, ending, now);
		}
		if (!was_held && !entry->unanswered) /* it was idle since its answer */
			entry->held_until = entry->request_until = entry->last_byte_at;
		conn_tracker_release(tracker, entry, &end);
	} else if (end.lost_bytes > 0) {
		conn_tracker_count_ending(tracker, entry, ending);
	}
	tracked_conn_forget(entry);
}

void conn_tracker_app_signalled(struct conn_tracker *tracker)
{
	if (!tracker->app_signalled && !tracker->app_dying)
		recent_ends_clear(&tracker->recent);
	tracker->app_signalled = true;
}

bool conn_tracker_take_doubt_of_life(struct conn_tracker *tracker, msec_t now)
{
	const bool doubts = !tracker->app_dying &&
			    (tracker->ended_lately || conn_tracker_suspects_death(tracker, now));

	tracker->ended_lately = false;
	return doubts;
}

void conn_tracker_app_dying(struct conn_tracker *tracker, msec_t now)
{
	if (tracker->app_dying)
		return;
	tracker->app_dying = true;
	tracker->dying_at = now;
}

/* Those that ended so in the last moments ended otherwise. */
static void revise(struct conn_tracker *tracker, enum recent_end recent,
	enum connection_ending from, enum connection_ending to, msec_t now)
{
	const unsigned count = recent_ends_count(&tracker->recent, recent, now);

	conn_totals_add(&tracker->totals, from, -count);
	conn_totals_add(&tracker->totals, to, count);
	if (count > 0)
		blockers_revise(&tracker->totals.blockers, from, to,
			conn_tracker_since_start(tracker, now - RECENT_ENDS_MS));
}

/* Whose end, of which the event is yet to come, was seen just before the application's was its doing: but not what
 * it had closed before it was signalled, and died of that. */
static void blame_death(struct conn_tracker *tracker, bool in_order, msec_t now)
{
	const int32_t since = conn_tracker_since_start(tracker, now - RECENT_ENDS_MS);
	const enum connection_ender seen =
		tracker->app_signalled ? ENDED_WHEN_SIGNALLED : ENDED_IN_PEACE;

	if (tracker->app_signalled && in_order)
		return;
	for (size_t i = 0; i < tracker->followed.count; i++) {
		struct tracked_conn *entry = &tracker->followed.entries[i];

		if (entry->ender == (unsigned)seen && tracked_conn_is_held(entry) &&
			entry->held_until >= since)
			entry->ender = in_order ? ENDED_WHEN_SIGNALLED : ENDED_BY_DEATH;
	}
}

void conn_tracker_app_died(struct conn_tracker *tracker, bool in_order, msec_t now)
{
	now = recent_now(tracker, now);
	blame_death(tracker, in_order, now);
	revise(tracker, RECENT_GAVE_UP, CONNECTION_GAVE_UP, CONNECTION_CUT, now);
	revise(tracker, RECENT_DOUBTED, CONNECTION_HELD, CONNECTION_UNKNOWN, now);
	revise(tracker, RECENT_STREAMED, CONNECTION_FINISHED, CONNECTION_UNKNOWN, now);
	if (!in_order) {
		revise(tracker, RECENT_ANSWERED, CONNECTION_FINISHED, CONNECTION_UNKNOWN, now);
		revise(tracker, RECENT_RESTED, CONNECTION_HELD, CONNECTION_UNKNOWN, now);
	}
	recent_ends_clear(&tracker->recent);
	tracker->app_crashed = !in_order;
	tracker->app_signalled = true; /* what is open now is cut, asked or not */
}

void conn_tracker_note_listeners(struct conn_tracker *tracker, msec_t now)
{
	const bool is_first = tracker->started && !tracker->polled;

	if (tracker->counts.listening > 0) {
		tracker->has_listened = true;
		tracker->listened_at = now;
		if (tracker->suspected_at == tracker->suspected_before)
			tracker->suspected_at = now - RECENT_ENDS_MS - 1;
	} else if (tracker->has_listened && is_first) {
		tracker->suspected_at = now;
	}
	tracker->settings.listener_closed = tracker->app_signalled && tracker->has_listened &&
					    now - tracker->listened_at > tracker->settings.settle;
}

bool conn_tracker_suspects_death(const struct conn_tracker *tracker, msec_t now)
{
	return !tracker->app_signalled &&
	       (tracker->app_dying || now - tracker->suspected_at <= RECENT_ENDS_MS);
}

bool conn_tracker_awaits_events(const struct conn_tracker *tracker)
{
	for (size_t i = 0; tracker->has_events && i < tracker->followed.count; i++) {
		const struct tracked_conn *entry = &tracker->followed.entries[i];

		if (entry->missing && !entry->ended)
			return true;
	}
	return false;
}

void conn_tracker_finish(struct conn_tracker *tracker)
{
	tracker->totals.unknown += tracker->unseen;
	for (size_t i = 0; i < tracker->followed.count; i++) {
		struct tracked_conn *entry = &tracker->followed.entries[i];
		struct connection_end end = tracked_conn_end(entry, ENDED_BY_DEATH);

		/* not by its pass: a poll that failed half-way has not seen all that are there */
		if (entry->missing) {
			conn_tracker_settle_vanished(tracker, entry);
			continue;
		}
		if (!tracked_conn_is_held(entry) && entry->undelivered_bytes <= LAST_WORD_OUT_MAX)
			continue;
		tracker->totals.lost_bytes += entry->undelivered_bytes;
		if (entry->undelivered_bytes > 0)
			end.ender =
				ENDED_BY_DEATH; /* whichever side has closed it, lastcall leaves it now */
		if (tracker->is_blind && !end.unanswered)
			end.hold = HOLD_DOUBT;
		conn_tracker_release(tracker, entry, &end);
	}
	tracker->followed.count = 0;
}

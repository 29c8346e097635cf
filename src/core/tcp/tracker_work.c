/* SPDX-License-Identifier: MIT */
#include "core/tcp/tracker_work.h"

bool conn_tracker_is_ignored(const struct conn_tracker *tracker, const struct connection *row)
{
	return tracker->ignored_count > 0 &&
	       peer_range_matches(tracker->ignored, tracker->ignored_count, row);
}

int32_t conn_tracker_since_start(const struct conn_tracker *tracker, msec_t at)
{
	msec_t since = at - tracker->started_at;

	return (int32_t)msec_max(msec_min(since, INT32_MAX), TRACKER_NEVER + 1);
}

enum connection_ender conn_tracker_ender_now(const struct conn_tracker *tracker)
{
	if (tracker->app_killed || tracker->app_crashed)
		return ENDED_BY_DEATH;
	return tracker->app_signalled ? ENDED_WHEN_SIGNALLED : ENDED_IN_PEACE;
}

void conn_totals_add(struct conn_totals *totals, enum connection_ending ending, unsigned count)
{
	if (ending == CONNECTION_FINISHED)
		totals->finished += count;
	if (ending == CONNECTION_CUT)
		totals->cut += count;
	if (ending == CONNECTION_UNKNOWN)
		totals->unknown += count;
}

void conn_tracker_count_ending(
	struct conn_tracker *tracker, struct tracked_conn *entry, enum connection_ending ending)
{
	if (ending == CONNECTION_HELD || ending == CONNECTION_GAVE_UP)
		return;
	conn_totals_add(&tracker->totals, (enum connection_ending)entry->memory.counted, -1u);
	conn_totals_add(&tracker->totals, ending, 1);
	entry->memory.counted = (unsigned)ending & 7;
}

void conn_tracker_release(
	struct conn_tracker *tracker, struct tracked_conn *entry, const struct connection_end *end)
{
	const bool is_request = entry->hold == HOLD_REQUEST;
	const enum connection_ending ending = connection_end_judge(end);
	struct blocker blocker;

	if (!tracked_conn_is_held(entry))
		return;
	blocker = tracked_conn_release(entry, ending);
	blockers_add(&tracker->totals.blockers, &blocker);
	if (is_request)
		tracker->totals.longest_ms = msec_max(tracker->totals.longest_ms, blocker.age_ms);
	conn_tracker_count_ending(tracker, entry, ending);
}

void conn_tracker_hold(struct conn_tracker *tracker, struct tracked_conn *entry,
	const struct connection *row, enum connection_hold hold, enum connection_class held_class,
	msec_t now)
{
	const bool was_request = tracked_conn_is_held(entry) && entry->hold == HOLD_REQUEST;

	tracked_conn_hold(entry, row, hold, held_class, conn_tracker_since_start(tracker, now));
	if (hold == HOLD_REQUEST && !was_request) {
		/* also when a later poll only has found out that it was; once, for a FIN that is read
		 * with the state before it looks like a byte of the request that was finished */
		tracker->totals.busy_at_start += entry->at_start && entry->held_since <= 0;
		entry->at_start = false;
	}
}

void conn_tracker_note_delivery(
	struct conn_tracker *tracker, struct tracked_conn *entry, uint32_t undelivered)
{
	if (tracker->app_ended && undelivered < entry->undelivered_bytes)
		tracker->totals.flushed_bytes += entry->undelivered_bytes - undelivered;
	entry->undelivered_bytes = undelivered;
}

/* SPDX-License-Identifier: MIT */
#include "core/census_work.h"

bool census_is_ignored(const struct census *census, const struct connection *row)
{
	return census->ignored_count > 0 &&
	       peer_range_matches(census->ignored, census->ignored_count, row);
}

int32_t census_since_start(const struct census *census, msec_t at)
{
	msec_t since = at - census->started_at;

	return (int32_t)msec_max(msec_min(since, INT32_MAX), CENSUS_NEVER + 1);
}

enum connection_ender census_ender_now(const struct census *census)
{
	if (census->app_killed || census->app_crashed)
		return ENDED_BY_DEATH;
	return census->app_told ? ENDED_WHEN_TOLD : ENDED_IN_PEACE;
}

void census_count_ending(struct census *census, enum connection_ending ending)
{
	census->totals.finished += ending == CONNECTION_FINISHED;
	census->totals.cut += ending == CONNECTION_CUT;
	census->totals.unknown += ending == CONNECTION_UNKNOWN;
}

void census_release(
	struct census *census, struct census_entry *entry, const struct connection_end *end)
{
	const bool is_request = entry->hold == HOLD_REQUEST;
	const enum connection_ending ending = connection_end_judge(end);
	struct holder holder;

	if (!census_entry_is_held(entry))
		return;
	holder = census_entry_release(entry, ending);
	holders_add(&census->totals.holders, &holder);
	if (is_request)
		census->totals.longest_ms = msec_max(census->totals.longest_ms, holder.age_ms);
	census_count_ending(census, ending);
}

void census_hold(struct census *census, struct census_entry *entry, const struct connection *row,
	enum connection_hold hold, enum connection_class held_class, msec_t now)
{
	const bool was_request = census_entry_is_held(entry) && entry->hold == HOLD_REQUEST;

	census_entry_hold(entry, row, hold, held_class, census_since_start(census, now));
	if (hold == HOLD_REQUEST && !was_request) {
		/* also when a later look only has found out that it was; once, for a FIN that is read
		 * with the state before it looks like a byte of the request that was finished */
		census->totals.busy_at_start += entry->at_start && entry->held_since <= 0;
		entry->at_start = false;
	}
}

void census_note_delivery(struct census *census, struct census_entry *entry, uint32_t undelivered)
{
	if (census->app_ended && undelivered < entry->undelivered_bytes)
		census->totals.flushed_bytes += entry->undelivered_bytes - undelivered;
	entry->undelivered_bytes = undelivered;
}

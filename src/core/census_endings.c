/* SPDX-License-Identifier: MIT */
#include "core/census_endings.h"

#include "core/census_work.h"

void census_note_ender(
	struct census *census, struct census_entry *entry, msec_t suspect_for, msec_t now)
{
	const enum connection_ender ender = census_ender_now(census);
	const struct connection_end end =
		census_entry_end(entry, ender, census_since_start(census, now));

	if (entry->closing || entry->missing)
		return;
	entry->ender = (unsigned)ender & 3;
	if (ender == ENDED_IN_PEACE && end.hold == HOLD_REQUEST && (!end.answered || end.streamed))
		census->suspected_at =
			msec_max(census->suspected_at, now - RECENT_ENDS_MS + suspect_for);
}

void census_settle_vanished(struct census *census, struct census_entry *entry, msec_t now)
{
	struct connection_end end =
		census_entry_end(entry, census_ender_now(census), census_since_start(census, now));

	census->totals.accept_queue_lost += census->app_ended && entry->unaccepted;
	end.lost_bytes = 0;
	end.vanished = !census->has_events;
	if (census->is_blind && !end.unanswered)
		end.hold = HOLD_DOUBT;
	census_release(census, entry, &end);
	census_note_delivery(census, entry, 0);
}

/* The last event of a socket does not say whether its queue ends with a FIN. */
static uint32_t lost_bytes(const struct census *census, const struct census_entry *entry,
	const struct connection *last)
{
	bool fin_queued = census->app_ended || entry->closing;

	return last->wqueue > fin_queued ? last->wqueue - fin_queued : 0;
}

/* What is to be judged again if the application turns out to have died just now. */
static void note_recent(struct census *census, const struct connection_end *end,
	enum connection_ending ending, msec_t now)
{
	if (end->ender == ENDED_BY_DEATH || (census->app_told && end->ender == ENDED_IN_PEACE))
		return; /* it is known already, or was before the signal */
	if ((ending == CONNECTION_GAVE_UP && !end->peer_gone) || end->streamed)
		census->suspected_at = now;
	if (ending == CONNECTION_GAVE_UP && end->ender == ENDED_IN_PEACE && !end->peer_gone)
		recent_ends_add(&census->recent, RECENT_GAVE_UP, now);
	else if (ending == CONNECTION_FINISHED)
		recent_ends_add(
			&census->recent, end->streamed ? RECENT_STREAMED : RECENT_ANSWERED, now);
	else if (ending == CONNECTION_HELD && end->hold == HOLD_DOUBT)
		recent_ends_add(&census->recent, RECENT_DOUBTED, now);
}

/* What came on a connection that nothing held, since the last look at it. */
static void count_unheld(struct census *census, const struct connection_end *end,
	enum connection_ending ending, bool came)
{
	if ((came && !end->last_word) || end->lost_bytes > 0)
		census_count_ending(census, ending);
}

static struct census_entry *begin_unseen(struct census *census, struct census_entry *unseen,
	const struct connection *last, msec_t now)
{
	census_entry_init(unseen, last);
	census->totals.arrived++;
	census->totals.last_arrival = now;
	if (last->data_segs_in > 0) {
		census_hold(census, unseen, last, HOLD_REQUEST, CONNECTION_BUSY, now);
		unseen->asked_segs_out = 0;
	}
	return unseen;
}

/* A connection that nobody followed was reset by its owner, or because its listener was closed over it. The
 * kernel disconnects it before (inet_child_forget, tcp_disconnect; Linux 6.18), so that its event has neither
 * a peer nor counters. The event of a listener looks the same, but none of its times was ever set. One from
 * here is most likely the application's own: CherryPy connects to itself to wake the thread that accepts. */
static void count_reset(struct census *census, const struct connection *last, msec_t now)
{
	if (!last->has_info || last->from_here ||
		last->last_data_sent_ms == last->last_data_recv_ms)
		return;
	if (census_ender_now(census) == ENDED_IN_PEACE) {
		census->suspected_at = now;
		return;
	}
	census->totals.arrived++;
	census->totals.accept_queue_lost++;
}

void census_ended(struct census *census, const struct connection *last, msec_t now)
{
	struct census_entry *entry, unseen;
	struct connection_end end;
	enum connection_ending ending;
	uint32_t lost;
	bool came;

	if (!census->started)
		return;
	entry = cookie_map_find(&census->followed, last->cookie);
	if (entry == NULL && census_is_ignored(census, last))
		return;
	if (entry == NULL && last->peer_port == 0) {
		count_reset(census, last, now);
		return;
	}
	if (entry == NULL) /* came and went between two looks */
		entry = begin_unseen(census, &unseen, last, now);
	lost = last->peer_port == 0 ? entry->undelivered_bytes : lost_bytes(census, entry, last);
	came = last->peer_port != 0 && last->has_info &&
	       entry->segs_in != (uint16_t)last->data_segs_in;
	census_note_delivery(census, entry, lost);
	end = census_entry_last_end(entry, last, lost, census_ender_now(census),
		census->settings.settle, census_since_start(census, now));
	census->totals.lost_bytes += end.lost_bytes;
	if (entry->unaccepted && last->data_segs_out == 0 &&
		census_ender_now(census) != ENDED_IN_PEACE)
		census->totals.accept_queue_lost++;
	ending = connection_end_judge(&end);
	if (census_entry_is_held(entry)) {
		entry->held_until = census_since_start(census, now);
		note_recent(census, &end, ending, now);
		census_release(census, entry, &end);
	} else {
		count_unheld(census, &end, ending, came);
	}
	entry->undelivered_bytes = 0;
	entry->unaccepted = false;
	entry->ended = true;
}

void census_app_told(struct census *census)
{
	if (!census->app_told)
		recent_ends_clear(&census->recent);
	census->app_told = true;
}

/* Those that ended so in the last moments ended otherwise. */
static void revise(struct census *census, enum recent_end recent, enum connection_ending from,
	enum connection_ending to, msec_t now)
{
	unsigned count = recent_ends_count(&census->recent, recent, now);

	if (from == CONNECTION_FINISHED)
		census->totals.finished -= count;
	census->totals.cut += to == CONNECTION_CUT ? count : 0;
	census->totals.unknown += to == CONNECTION_UNKNOWN ? count : 0;
	if (count > 0)
		holders_revise(&census->totals.holders, from, to,
			census_since_start(census, now - RECENT_ENDS_MS));
}

/* Whose end, of which the event is yet to come, was seen just before the application's was its doing: but not what
 * it had closed before it was told, and died of that. */
static void blame_death(struct census *census, bool in_order, msec_t now)
{
	const int32_t since = census_since_start(census, now - RECENT_ENDS_MS);

	if (census->app_told)
		return;
	for (size_t i = 0; i < census->followed.count; i++) {
		struct census_entry *entry = &census->followed.entries[i];

		if (entry->ender == ENDED_IN_PEACE && census_entry_is_held(entry) &&
			entry->held_until >= since)
			entry->ender = in_order ? ENDED_WHEN_TOLD : ENDED_BY_DEATH;
	}
}

void census_app_died(struct census *census, bool in_order, msec_t now)
{
	blame_death(census, in_order, now);
	revise(census, RECENT_GAVE_UP, CONNECTION_GAVE_UP, CONNECTION_CUT, now);
	revise(census, RECENT_DOUBTED, CONNECTION_HELD, CONNECTION_UNKNOWN, now);
	revise(census, RECENT_STREAMED, CONNECTION_FINISHED, CONNECTION_UNKNOWN, now);
	if (!in_order)
		revise(census, RECENT_ANSWERED, CONNECTION_FINISHED, CONNECTION_UNKNOWN, now);
	recent_ends_clear(&census->recent);
	census->app_crashed = !in_order;
	census->app_told = true; /* what is open now is cut, asked or not */
}

bool census_suspects_death(const struct census *census, msec_t now)
{
	return !census->app_told && now - census->suspected_at <= RECENT_ENDS_MS;
}

bool census_awaits_events(const struct census *census)
{
	for (size_t i = 0; census->has_events && i < census->followed.count; i++) {
		if (census->followed.entries[i].pass != census->pass &&
			!census->followed.entries[i].ended)
			return true;
	}
	return false;
}

void census_finish(struct census *census, msec_t now)
{
	census->totals.unknown += census->unseen;
	for (size_t i = 0; i < census->followed.count; i++) {
		struct census_entry *entry = &census->followed.entries[i];
		struct connection_end end =
			census_entry_end(entry, ENDED_BY_DEATH, census_since_start(census, now));

		if (entry->pass != census->pass) {
			census_settle_vanished(census, entry, now);
			continue;
		}
		if (!census_entry_is_held(entry) && entry->undelivered_bytes <= LAST_WORD_OUT_MAX)
			continue;
		census->totals.lost_bytes += entry->undelivered_bytes;
		if (entry->undelivered_bytes > 0)
			end.ender = ENDED_BY_DEATH; /* whoever has closed it, we leave it now */
		if (census->is_blind && !end.unanswered)
			end.hold = HOLD_DOUBT;
		census_release(census, entry, &end);
	}
	census->followed.count = 0;
}

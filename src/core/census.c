/* SPDX-License-Identifier: MIT */
#include "core/census.h"

#include <string.h>
#include <sys/socket.h>

/* The kernel sends the event of an ended socket from a work queue: 4.5 ms later were seen. */
#define EVENT_LATE_MS 20

void census_init(struct census *census, struct census_entry *entries, uint32_t *index,
	size_t capacity, const struct verdict_settings *settings)
{
	*census = (struct census){
		.entries = entries,
		.index = index,
		.capacity = capacity,
		.settings = *settings,
	};
}

void census_ignore(struct census *census, const struct peer_range *ranges, size_t count)
{
	census->ignored = ranges;
	census->ignored_count = count;
}

void census_start(struct census *census, msec_t now)
{
	census->started = true;
	census->started_at = now;
	census->totals.last_arrival = now;
	census->settings.draining = true;
	census->settings.stopped_at = now;
}

/* A moment as entries keep it. */
static int32_t since_start(const struct census *census, msec_t at)
{
	msec_t since = at - census->started_at;

	return (int32_t)msec_max(msec_min(since, INT32_MAX), CENSUS_NEVER + 1);
}

static size_t first_place(const struct census *census, uint64_t cookie)
{
	/* cookies are a counter: multiply to spread them (Knuth's constant, 2^64 / phi) */
	return (size_t)(cookie * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (2 * census->capacity - 1);
}

/* The place of a cookie in the index, or the free one where it belongs. At most half of the places
 * are taken, so that there is always one. */
static size_t find_place(const struct census *census, uint64_t cookie)
{
	size_t place = first_place(census, cookie);

	while (census->index[place] != 0 &&
		census->entries[census->index[place] - 1].cookie != cookie)
		place = (place + 1) & (2 * census->capacity - 1);
	return place;
}

static struct census_entry *find(struct census *census, uint64_t cookie)
{
	size_t entry = census->cursor;

	if (entry >= census->count || census->entries[entry].cookie != cookie) {
		uint32_t indexed = census->index[find_place(census, cookie)];

		if (indexed == 0)
			return NULL;
		entry = indexed - 1;
	}
	census->cursor = entry + 1;
	return &census->entries[entry];
}

/* Begins to follow a connection; NULL when there is no room. */
static struct census_entry *add(struct census *census, const struct connection *row)
{
	struct census_entry *entry;

	if (census->count == census->capacity) {
		census->totals.incomplete = true;
		return NULL;
	}
	entry = &census->entries[census->count++];
	census_entry_init(entry, row);
	census->index[find_place(census, row->cookie)] = (uint32_t)census->count;
	return entry;
}

/* Who may have ended a connection that ends now. */
static enum connection_ender ender_now(const struct census *census)
{
	if (census->app_killed || census->app_crashed)
		return ENDED_BY_DEATH;
	return census->app_told ? ENDED_WHEN_TOLD : ENDED_IN_PEACE;
}

static void count_ending(struct census *census, enum connection_ending ending)
{
	census->totals.finished += ending == CONNECTION_FINISHED;
	census->totals.cut += ending == CONNECTION_CUT;
	census->totals.unknown += ending == CONNECTION_UNKNOWN;
}

/* A connection does not hold the drain any longer; what it held it with is counted. */
static void release(
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
	count_ending(census, ending);
}

/* Whether it is only called idle for its silence. Where the user has said that no request takes longer, bytes
 * that left after a request, and nothing since, are its answer. */
static bool ends_in_doubt(const struct census *census, const struct census_entry *entry)
{
	if (entry->memory.doubt == DOUBT_NO_PROOF)
		return !(census->settings.is_longest_given && entry->memory.seen_leaving);
	return entry->memory.doubt == DOUBT_UNANSWERED;
}

/* It is open, and a look says that nothing is in flight: because it was proved, or because it was waited for
 * long enough. */
static void release_idle(
	struct census *census, struct census_entry *entry, const struct connection *row, msec_t now)
{
	bool is_time_up = ends_in_doubt(census, entry);
	struct connection_end end = census_entry_end(
		entry, is_time_up ? ENDED_BY_TIME : ENDED_IN_PEACE, since_start(census, now));

	end.unanswered = connection_is_unanswered(row);
	if (!is_time_up) /* the verdict has a proof */
		end.answered |= end.hold == HOLD_REQUEST || entry->memory.seen_leaving;
	release(census, entry, &end);
}

/* A request is in flight, or there may be one, or it is held for another reason. */
static void hold(struct census *census, struct census_entry *entry, const struct connection *row,
	enum connection_hold hold, enum connection_class held_class, msec_t now)
{
	const bool was_request = census_entry_is_held(entry) && entry->hold == HOLD_REQUEST;

	census_entry_hold(entry, row, hold, held_class, since_start(census, now));
	if (hold == HOLD_REQUEST && !was_request) {
		/* also when a later look only has found out that it was; once, for a FIN that is read
		 * with the state before it looks like a byte of the request that was finished */
		census->totals.busy_at_start += entry->at_start && entry->held_since <= 0;
		entry->at_start = false;
	}
}

/* Bytes leave the kernel for the peer; only what leaves after the application's end is our merit. */
static void note_delivery(struct census *census, struct census_entry *entry, uint32_t undelivered)
{
	if (census->app_ended && undelivered < entry->undelivered_bytes)
		census->totals.flushed_bytes += entry->undelivered_bytes - undelivered;
	entry->undelivered_bytes = undelivered;
}

/* The first time that it is seen to be closed, or to be gone. Where a request of it is not answered, or may
 * not be, and the application had no reason to close it, the application may have died. */
static void note_ender(
	struct census *census, struct census_entry *entry, msec_t suspect_for, msec_t now)
{
	const enum connection_ender ender = ender_now(census);
	const struct connection_end end = census_entry_end(entry, ender, since_start(census, now));

	if (entry->closing || entry->missing)
		return;
	entry->ender = (unsigned)ender & 3;
	if (ender == ENDED_IN_PEACE && end.hold == HOLD_REQUEST && (!end.answered || end.streamed))
		census->suspected_at =
			msec_max(census->suspected_at, now - RECENT_ENDS_MS + suspect_for);
}

static void note_closing(
	struct census *census, struct census_entry *entry, const struct connection *row, msec_t now)
{
	note_ender(census, entry, RECENT_ENDS_MS, now);
	entry->closing = true;
	entry->unaccepted = false; /* one that waits to be accepted is reset */
	if (row->has_info || !census->app_ended) /* it may have answered since the last look */
		entry->unanswered = connection_is_unanswered(row);
	/* a last word on its way, or a lone FIN, is no answer */
	if (entry->undelivered_bytes > LAST_WORD_OUT_MAX)
		hold(census, entry, row, HOLD_REQUEST, CONNECTION_CLOSING, now);
	else if (census_entry_is_held(entry))
		hold(census, entry, row, (enum connection_hold)entry->hold, CONNECTION_CLOSING,
			now);
}

/* What this row says of the work on the connection. */
static void note_class(struct census *census, struct census_entry *entry,
	const struct connection *row, enum connection_class connection_class, bool is_kept,
	msec_t now)
{
	switch (connection_class) {
	case CONNECTION_BUSY:
		hold(census, entry, row, HOLD_REQUEST, connection_class, now);
		break;
	case CONNECTION_UNSURE:
		hold(census, entry, row, is_kept ? HOLD_NONE : HOLD_DOUBT,
			is_kept ? CONNECTION_IDLE : connection_class, now);
		break;
	case CONNECTION_NEW:
	case CONNECTION_IDLE:
		release_idle(census, entry, row, now);
		break;
	case CONNECTION_CLOSING: /* an answer on its way is work, a lone FIN is none */
		note_closing(census, entry, row, now);
		return;
	case CONNECTION_RECENT: /* may go on with the same work */
		if (row->state == TCP_STATE_ESTABLISHED || row->state == TCP_STATE_CLOSE_WAIT)
			hold(census, entry, row, HOLD_NONE, connection_class, now);
		break;
	case CONNECTION_OTHER: /* the application has closed it, after its answer or not */
		entry->unanswered = connection_is_unanswered(row);
		return;
	case CONNECTION_CLASS_COUNT:
		return;
	}
	entry->unaccepted = connection_class == CONNECTION_BUSY && row->inode == 0;
	entry->unanswered = connection_is_unanswered(row);
	census->is_blind |= connection_class == CONNECTION_BUSY && !row->has_info;
}

/* What a look says of a connection that is followed, or that now begins to be. memory is what the
 * looks so far have left; known is NULL for a new one. */
static void follow(struct census *census, struct census_entry *known, const struct connection *row,
	enum connection_class connection_class, bool is_kept,
	const struct connection_memory *memory, msec_t now)
{
	struct census_entry *entry = known;

	if (entry == NULL) {
		if (connection_class == CONNECTION_OTHER)
			return; /* what remains of one that was followed may have another cookie */
		entry = add(census, row);
		if (entry == NULL)
			return;
		entry->at_start = !census->looked;
		if (census->looked) {
			census->totals.arrived++;
			census->totals.last_arrival = now;
		}
	}
	if (known != NULL && memory->received != known->memory.received && census->started)
		census->totals.last_arrival =
			msec_max(census->totals.last_arrival, now - (msec_t)row->last_data_recv_ms);
	census_entry_note_moves(entry, row, census->settings.settle, since_start(census, now));
	entry->memory = *memory;
	entry->pass = census->pass;
	entry->missing = false;
	entry->half_closed = row->state == TCP_STATE_CLOSE_WAIT;
	census_entry_keep_numbers(entry, row);
	if (!census->started)
		return;
	entry->at_start |= !census->looked; /* those that were followed before it, too */
	entry->peer_gone = row->wqueue > 0 && !connection_is_undelivered(row);
	note_delivery(census, entry, connection_undelivered_bytes(row));
	note_class(census, entry, row, connection_class, is_kept, now);
}

static bool is_ignored(const struct census *census, const struct connection *row)
{
	return census->ignored_count > 0 &&
	       peer_range_matches(census->ignored, census->ignored_count, row);
}

static msec_t settles_in(const struct census *census, const struct connection *row)
{
	return msec_max(census->settings.settle - connection_quiet_ms(row), 1);
}

static void count_undelivered(struct census_counts *counts, const struct connection *row)
{
	if (!connection_is_undelivered(row))
		return;
	counts->undelivered++;
	counts->undelivered_bytes += connection_undelivered_bytes(row);
}

/* What a drain is to know of a connection that holds it. */
static void count_holder(
	struct census_counts *counts, const struct connection_memory *memory, msec_t now)
{
	counts->in_flight += memory->may_wait;
	if (!memory->has_asked)
		counts->holds_from_before = true;
	else
		counts->oldest_request_ms =
			msec_max(counts->oldest_request_ms, (uint32_t)now - memory->asked_at);
}

static void count(struct census *census, const struct connection *row,
	enum connection_class connection_class, const struct connection_memory *memory, msec_t now)
{
	struct census_counts *counts = &census->open_counts;
	bool is_held = connection_class == CONNECTION_BUSY ||
		       connection_class == CONNECTION_UNSURE ||
		       connection_class == CONNECTION_RECENT;
	bool closing = connection_class == CONNECTION_CLOSING;

	counts->open += connection_class != CONNECTION_OTHER && !closing;
	counts->busy += connection_class == CONNECTION_BUSY;
	counts->unsure += connection_class == CONNECTION_UNSURE;
	counts->held += is_held;
	if (is_held)
		count_holder(counts, memory, now);
	if (connection_class == CONNECTION_UNSURE) {
		counts->unproven += memory->doubt == DOUBT_NO_PROOF;
		counts->doubt_ends_in = msec_max(counts->doubt_ends_in,
			connection_doubt_ends_in(row, memory, &census->settings));
	}
	counts->idle += connection_class == CONNECTION_NEW || connection_class == CONNECTION_IDLE;
	counts->unused += connection_class == CONNECTION_NEW;
	if (connection_class == CONNECTION_RECENT)
		counts->settles_in = msec_max(counts->settles_in, settles_in(census, row));
	counts->unaccepted += connection_class == CONNECTION_BUSY && row->inode == 0;
	if (connection_class != CONNECTION_OTHER)
		count_undelivered(counts, row);
}

void census_pass_begin(struct census *census)
{
	census->open_counts = (struct census_counts){0};
	census->suspected_before = census->suspected_at;
	census->cursor = 0;
	census->pass++;
}

/* Whether a connection holds only because its server has closed its listener and not this connection: it
 * would be idle, and no request of it is known. */
static bool is_kept_only(const struct census *census, const struct connection *row,
	enum connection_class connection_class, const struct connection_memory *memory, msec_t now)
{
	struct verdict_settings open = census->settings;
	struct connection_memory again = *memory;
	enum connection_class otherwise;

	if (!open.listener_closed || connection_class != CONNECTION_UNSURE)
		return false;
	open.listener_closed = false;
	otherwise = connection_judge_again(row, &again, &open, now);
	return otherwise != CONNECTION_BUSY && otherwise != CONNECTION_UNSURE;
}

void census_pass_row(struct census *census, const struct connection *row, msec_t now)
{
	struct connection_memory memory = {.polled = false};
	enum connection_class connection_class;
	struct census_entry *known;
	bool is_kept;

	if (row->state == TCP_STATE_LISTEN) {
		census->open_counts.listening++;
		return;
	}
	if (is_ignored(census, row))
		return;
	if (row->state == TCP_STATE_FIN_WAIT2 && !row->has_info)
		return; /* no socket any more, only its address: it counts as gone */
	known = find(census, row->cookie);
	if (known != NULL) {
		if (known->pass == census->pass)
			return; /* a dump is not atomic: a row may come twice */
		memory = known->memory;
	} else if (census->looked) { /* opened since the stop */
		memory.has_asked = true;
		memory.asked_at = (uint32_t)now;
	}
	connection_class = connection_judge_again(row, &memory, &census->settings, now);
	is_kept = is_kept_only(census, row, connection_class, &memory, now);
	census->open_counts.kept += is_kept;
	count(census, row, connection_class, &memory, now);
	if (row->cookie != 0)
		follow(census, known, row, connection_class, is_kept, &memory, now);
}

void census_pass_stray(struct census *census, const struct connection *row)
{
	if (!is_ignored(census, row))
		count_undelivered(&census->open_counts, row);
}

void census_pass_waiting(struct census *census, unsigned waiting)
{
	census->open_counts.open += waiting;
	census->open_counts.busy += waiting;
	census->open_counts.held += waiting;
	census->open_counts.unaccepted += waiting;
	census->open_counts.in_flight += waiting;
}

void census_pass_unseen(struct census *census, unsigned unseen, msec_t now)
{
	struct census_counts *counts = &census->open_counts;
	msec_t doubt = census->settings.longest_request, quiet = now - census->started_at;

	census->unseen = unseen;
	if (unseen == 0 || (doubt > 0 && quiet >= doubt))
		return;
	counts->open += unseen;
	counts->unsure += unseen;
	counts->held += unseen;
	counts->in_flight += unseen;
	counts->holds_from_before = true;
	if (doubt > 0)
		counts->doubt_ends_in = msec_max(counts->doubt_ends_in, doubt - quiet);
}

static bool holds_by_proof(const struct census *census, const struct connection *row)
{
	if (connection_judge(row, &census->settings) != CONNECTION_BUSY)
		return false;
	return row->rqueue > 0 || row->wqueue > 0 || !row->has_info ||
	       connection_quiet_ms(row) < CENSUS_INTERNAL_MS;
}

/* One that was taken for a client's is forgotten: neither its end nor its absence tells anything. */
void census_pass_internal(struct census *census, const struct connection *row)
{
	struct census_entry *known = row->cookie != 0 ? find(census, row->cookie) : NULL;
	bool is_held = holds_by_proof(census, row);

	census->open_counts.held += is_held;
	census->open_counts.holds_from_before |= is_held;
	if (known == NULL)
		return;
	known->held_since = CENSUS_NEVER;
	known->undelivered_bytes = 0;
	known->unaccepted = false;
	known->ended = true;
	known->pass = census->pass;
}

/* A connection that is gone between two looks, with no event to tell how. Where there are events they come
 * as soon as a socket is closed on both sides: then the client has reset it. Where there are none, an
 * application that ran on has most likely closed it after its answer. */
static void settle_vanished(struct census *census, struct census_entry *entry, msec_t now)
{
	struct connection_end end =
		census_entry_end(entry, ender_now(census), since_start(census, now));

	census->totals.accept_queue_lost += census->app_ended && entry->unaccepted;
	end.lost_bytes = 0;
	if (census->is_blind && !end.unanswered) {
		end.answered = end.ender == ENDED_IN_PEACE;
		end.hold = HOLD_DOUBT;
	} else if (!census->has_events && end.ender == ENDED_IN_PEACE && end.hold != HOLD_NONE) {
		end.answered = true;
	}
	release(census, entry, &end);
	note_delivery(census, entry, 0);
}

/* Whether a connection is to be followed on: seen by one of the last two looks, for its event comes a
 * moment after it is gone; or missing without its event, which is then yet to come. */
static bool is_followed_on(const struct census *census, const struct census_entry *entry)
{
	if ((uint8_t)(census->pass - entry->pass) <= 1)
		return true;
	return census->started && census->has_events && !entry->ended;
}

/* Who is gone while the application has no reason to cut anybody was not cut by it, though the event that
 * tells what became of the connection may come after the application's end: the kernel sends it from a
 * work queue. */
static void note_missing(struct census *census, struct census_entry *entry, msec_t now)
{
	if (entry->pass == census->pass)
		return;
	note_ender(census, entry, EVENT_LATE_MS, now); /* its event will tell */
	entry->missing = true;
}

/* Drops what is gone, and makes the index anew: cheaper to understand than removing from it one by
 * one. */
static void compact(struct census *census, msec_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < census->count; i++) {
		note_missing(census, &census->entries[i], now);
		if (is_followed_on(census, &census->entries[i]))
			census->entries[kept++] = census->entries[i];
		else if (census->started)
			settle_vanished(census, &census->entries[i], now);
	}
	if (kept == census->count)
		return;
	memset(census->index, 0, 2 * census->capacity * sizeof *census->index);
	census->count = kept;
	for (size_t i = 0; i < kept; i++)
		census->index[find_place(census, census->entries[i].cookie)] = (uint32_t)i + 1;
}

bool census_holds(const struct census *census)
{
	return census->open_counts.held > 0;
}

void census_pass_end(struct census *census, msec_t now)
{
	census->counts = census->open_counts;
	if (census->counts.listening > 0 && census->suspected_at == census->suspected_before)
		census->suspected_at = now - RECENT_ENDS_MS - 1; /* who had died would not listen */
	compact(census, now);
	if (!census->started)
		return;
	census->looked = true;
	if (census->counts.busy > census->totals.peak_busy)
		census->totals.peak_busy = census->counts.busy;
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
		count_ending(census, ending);
}

static struct census_entry *begin_unseen(struct census *census, struct census_entry *unseen,
	const struct connection *last, msec_t now)
{
	census_entry_init(unseen, last);
	census->totals.arrived++;
	census->totals.last_arrival = now;
	if (last->data_segs_in > 0) {
		hold(census, unseen, last, HOLD_REQUEST, CONNECTION_BUSY, now);
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
	if (ender_now(census) == ENDED_IN_PEACE) {
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
	entry = find(census, last->cookie);
	if (entry == NULL && is_ignored(census, last))
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
	note_delivery(census, entry, lost);
	end = census_entry_last_end(entry, last, lost, ender_now(census), census->settings.settle,
		since_start(census, now));
	census->totals.lost_bytes += end.lost_bytes;
	if (entry->unaccepted && last->data_segs_out == 0 && ender_now(census) != ENDED_IN_PEACE)
		census->totals.accept_queue_lost++;
	ending = connection_end_judge(&end);
	if (census_entry_is_held(entry)) {
		entry->held_until = since_start(census, now);
		note_recent(census, &end, ending, now);
		release(census, entry, &end);
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
			since_start(census, now - RECENT_ENDS_MS));
}

/* Whose end, of which the event is yet to come, was seen just before the application's was its doing: but not what
 * it had closed before it was told, and died of that. */
static void blame_death(struct census *census, bool in_order, msec_t now)
{
	const int32_t since = since_start(census, now - RECENT_ENDS_MS);

	if (census->app_told)
		return;
	for (size_t i = 0; i < census->count; i++) {
		struct census_entry *entry = &census->entries[i];

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
	for (size_t i = 0; census->has_events && i < census->count; i++) {
		if (census->entries[i].pass != census->pass && !census->entries[i].ended)
			return true;
	}
	return false;
}

void census_finish(struct census *census, msec_t now)
{
	census->totals.unknown += census->unseen;
	for (size_t i = 0; i < census->count; i++) {
		struct census_entry *entry = &census->entries[i];
		struct connection_end end =
			census_entry_end(entry, ENDED_BY_DEATH, since_start(census, now));

		if (entry->pass != census->pass) {
			settle_vanished(census, entry, now);
			continue;
		}
		if (!census_entry_is_held(entry) && entry->undelivered_bytes <= LAST_WORD_OUT_MAX)
			continue;
		census->totals.lost_bytes += entry->undelivered_bytes;
		if (entry->undelivered_bytes > 0)
			end.ender = ENDED_BY_DEATH; /* whoever has closed it, we leave it now */
		if (census->is_blind && !end.unanswered)
			end.hold = HOLD_DOUBT;
		release(census, entry, &end);
	}
	census->count = 0;
}

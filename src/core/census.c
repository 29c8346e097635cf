/* SPDX-License-Identifier: MIT */
#include "core/census.h"

#include "core/census_work.h"

/* The kernel sends the event of an ended socket from a work queue: 4.5 ms later were seen. */
#define EVENT_LATE_MS 20

void census_init(struct census *census, struct census_entry *entries, uint32_t *index,
	size_t capacity, const struct verdict_settings *settings)
{
	*census = (struct census){
		.settings = *settings,
	};
	cookie_map_init(&census->followed, entries, index, capacity);
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
	struct connection_end end = census_entry_end(entry,
		is_time_up ? ENDED_BY_TIME : ENDED_IN_PEACE, census_since_start(census, now));

	end.unanswered = connection_is_unanswered(row);
	if (!is_time_up) /* the verdict has a proof */
		end.answered |= end.hold == HOLD_REQUEST || entry->memory.seen_leaving;
	census_release(census, entry, &end);
}

static void note_closing(
	struct census *census, struct census_entry *entry, const struct connection *row, msec_t now)
{
	census_note_ender(census, entry, RECENT_ENDS_MS, now);
	entry->closing = true;
	entry->unaccepted = false; /* one that waits to be accepted is reset */
	if (row->has_info || !census->app_ended) /* it may have answered since the last look */
		entry->unanswered = connection_is_unanswered(row);
	/* a last word on its way, or a lone FIN, is no answer */
	if (entry->undelivered_bytes > LAST_WORD_OUT_MAX)
		census_hold(census, entry, row, HOLD_REQUEST, CONNECTION_CLOSING, now);
	else if (census_entry_is_held(entry))
		census_hold(census, entry, row, (enum connection_hold)entry->hold,
			CONNECTION_CLOSING, now);
}

/* What this row says of the work on the connection. */
static void note_class(struct census *census, struct census_entry *entry,
	const struct connection *row, enum connection_class connection_class, bool is_kept,
	msec_t now)
{
	switch (connection_class) {
	case CONNECTION_BUSY:
		census_hold(census, entry, row, HOLD_REQUEST, connection_class, now);
		break;
	case CONNECTION_UNSURE:
		census_hold(census, entry, row, is_kept ? HOLD_NONE : HOLD_DOUBT,
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
			census_hold(census, entry, row, HOLD_NONE, connection_class, now);
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
		entry = cookie_map_add(&census->followed, row);
		if (entry == NULL) {
			census->totals.incomplete = true;
			return;
		}
		entry->at_start = !census->looked;
		if (census->looked) {
			census->totals.arrived++;
			census->totals.last_arrival = now;
		}
	}
	if (known != NULL && memory->received != known->memory.received && census->started)
		census->totals.last_arrival =
			msec_max(census->totals.last_arrival, now - (msec_t)row->last_data_recv_ms);
	census_entry_note_moves(
		entry, row, census->settings.settle, census_since_start(census, now));
	entry->memory = *memory;
	entry->pass = census->pass;
	entry->missing = false;
	entry->half_closed = row->state == TCP_STATE_CLOSE_WAIT;
	census_entry_keep_numbers(entry, row);
	if (!census->started)
		return;
	entry->at_start |= !census->looked; /* those that were followed before it, too */
	entry->peer_gone = row->wqueue > 0 && !connection_is_undelivered(row);
	census_note_delivery(census, entry, connection_undelivered_bytes(row));
	note_class(census, entry, row, connection_class, is_kept, now);
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
	cookie_map_rewind(&census->followed);
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
	if (census_is_ignored(census, row))
		return;
	if (row->state == TCP_STATE_FIN_WAIT2 && !row->has_info)
		return; /* no socket any more, only its address: it counts as gone */
	known = cookie_map_find(&census->followed, row->cookie);
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
	if (!census_is_ignored(census, row))
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
	struct census_entry *known =
		row->cookie != 0 ? cookie_map_find(&census->followed, row->cookie) : NULL;
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
	census_note_ender(census, entry, EVENT_LATE_MS, now); /* its event will tell */
	entry->missing = true;
}

/* Drops what is gone. */
static void compact(struct census *census, msec_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < census->followed.count; i++) {
		note_missing(census, &census->followed.entries[i], now);
		if (is_followed_on(census, &census->followed.entries[i]))
			census->followed.entries[kept++] = census->followed.entries[i];
		else if (census->started)
			census_settle_vanished(census, &census->followed.entries[i], now);
	}
	cookie_map_keep(&census->followed, kept);
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

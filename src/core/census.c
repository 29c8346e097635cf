/* SPDX-License-Identifier: MIT */
#include "core/census.h"

#include <string.h>
#include <sys/socket.h>

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

static void set_up(struct census_entry *entry, const struct connection *row)
{
	*entry = (struct census_entry){
		.cookie = row->cookie,
		.busy_since = CENSUS_NEVER,
		.last_byte_at = CENSUS_NEVER,
		.peer_port = row->peer_port,
	};
	if (row->family == AF_INET) {
		memset(entry->peer + 10, 0xFF, 2); /* ::ffff:10.0.0.7 */
		memcpy(entry->peer + 12, row->peer, 4);
	} else {
		memcpy(entry->peer, row->peer, sizeof entry->peer);
	}
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
	set_up(entry, row);
	census->index[find_place(census, row->cookie)] = (uint32_t)census->count;
	return entry;
}

static bool is_working(const struct census_entry *entry)
{
	return entry->busy_since != CENSUS_NEVER;
}

/* Ends the current piece of work, if there is one. */
static void end_work(struct census *census, struct census_entry *entry, enum holder_end end)
{
	struct holder holder;

	if (!is_working(entry))
		return;
	/* whether there was a request is not known; or whether the client waits for an answer */
	if (entry->doubtful || (end == HOLDER_CUT && entry->memory.talks))
		end = HOLDER_UNKNOWN;
	holder = (struct holder){
		.family = AF_INET6,
		.peer_port = entry->peer_port,
		.last_class = entry->doubtful ? CONNECTION_UNSURE
					      : (enum connection_class)entry->last_class,
		.end = end,
		.held_ms = entry->busy_until,
		.quiet_ms = -1,
		.queued_bytes = entry->undelivered_bytes,
	};
	holder.age_ms = entry->busy_until - entry->busy_since;
	if (entry->last_byte_at != CENSUS_NEVER)
		holder.quiet_ms = entry->busy_until > entry->last_byte_at
					  ? entry->busy_until - entry->last_byte_at
					  : 0;
	memcpy(holder.peer, entry->peer, sizeof holder.peer);
	holders_add(&census->totals.holders, &holder);
	if (!entry->doubtful)
		census->totals.longest_ms = msec_max(census->totals.longest_ms, holder.age_ms);
	census->totals.finished += end == HOLDER_FINISHED;
	census->totals.cut += end == HOLDER_CUT;
	census->totals.unknown += end == HOLDER_UNKNOWN;
	entry->busy_since = CENSUS_NEVER;
}

/* There is a request in flight, or there may be one. */
static void note_busy(struct census *census, struct census_entry *entry,
	const struct connection *row, bool is_certain, msec_t now)
{
	msec_t request_at = now - (row->has_info ? (msec_t)row->last_data_recv_ms : 0);

	if (!is_working(entry)) {
		entry->busy_since = since_start(census, request_at);
		entry->doubtful = true;
	}
	if (entry->doubtful && is_certain) {
		entry->doubtful = false;
		entry->busy_since = since_start(census, request_at);
		/* also when a later look only has found out that it was; once, for a FIN that is read
		 * with the state before it looks like a byte of the request that was finished */
		census->totals.busy_at_start += entry->at_start && entry->busy_since <= 0;
		entry->at_start = false;
	}
	entry->busy_until = since_start(census, now);
}

/* When bytes moved last, and whether they were a new request. */
static void note_bytes(struct census *census, struct census_entry *entry,
	const struct connection *row, bool has_request, msec_t now)
{
	if (!row->has_info)
		return;
	entry->last_byte_at = since_start(census, now - connection_quiet_ms(row));
	if (has_request)
		census->totals.last_arrival =
			msec_max(census->totals.last_arrival, now - (msec_t)row->last_data_recv_ms);
}

/* Bytes leave the kernel for the peer; only what leaves after the application's end is our merit. */
static void note_delivery(struct census *census, struct census_entry *entry, uint32_t undelivered)
{
	if (census->app_ended && undelivered < entry->undelivered_bytes)
		census->totals.flushed_bytes += entry->undelivered_bytes - undelivered;
	entry->undelivered_bytes = undelivered;
}

/* Whether it is only called idle for its silence. Where the user has said that no request takes longer, bytes
 * that left after a request, and nothing since, are its answer. */
static bool ends_in_doubt(const struct census *census, const struct census_entry *entry)
{
	if (entry->memory.doubt == DOUBT_NO_PROOF)
		return !(census->settings.is_longest_given && entry->memory.seen_leaving);
	return entry->memory.doubt == DOUBT_UNANSWERED;
}

/* What this row says of the work on the connection. */
static void note_class(struct census *census, struct census_entry *entry,
	const struct connection *row, enum connection_class connection_class, msec_t now)
{
	bool is_guess = ends_in_doubt(census, entry);

	switch (connection_class) {
	case CONNECTION_UNSURE:
		if (is_working(entry) && entry->memory.doubt == DOUBT_ANSWER_OPEN)
			break; /* answered, as far as can be told */
		note_busy(census, entry, row, false, now);
		break;
	case CONNECTION_BUSY:
		note_busy(census, entry, row, true, now);
		break;
	case CONNECTION_NEW:
	case CONNECTION_IDLE:
		entry->doubtful = entry->doubtful && is_guess;
		end_work(census, entry, is_guess ? HOLDER_UNKNOWN : HOLDER_FINISHED);
		break;
	case CONNECTION_CLOSING: /* an answer on its way is work, a lone FIN is none */
		entry->closing = true;
		entry->unaccepted = false; /* one that waits to be accepted is reset */
		if (row->has_info ||
			!census->app_ended) /* it may have answered since the last look */
			entry->unanswered = connection_is_unanswered(row);
		if (is_working(entry) || entry->undelivered_bytes > 0)
			note_busy(census, entry, row, entry->undelivered_bytes > 0, now);
		return;
	case CONNECTION_RECENT: /* may go on with the same work */
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
	enum connection_class connection_class, const struct connection_memory *memory, msec_t now)
{
	struct census_entry *entry = known;
	bool has_request;

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
	has_request = known != NULL && memory->received != known->memory.received;
	entry->memory = *memory;
	entry->pass = census->pass;
	if (!census->started)
		return;
	entry->at_start |= !census->looked; /* those that were followed before it, too */
	entry->last_class = (unsigned)connection_class & 7;
	note_delivery(census, entry, connection_undelivered_bytes(row));
	note_bytes(census, entry, row, has_request, now);
	note_class(census, entry, row, connection_class, now);
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
	if (connection_class == CONNECTION_UNSURE)
		counts->doubt_ends_in = msec_max(counts->doubt_ends_in,
			connection_doubt_ends_in(row, memory, &census->settings));
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
	census->cursor = 0;
	census->pass++;
}

void census_pass_row(struct census *census, const struct connection *row, msec_t now)
{
	struct connection_memory memory = {.polled = false};
	enum connection_class connection_class;
	struct census_entry *known;

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
	count(census, row, connection_class, &memory, now);
	if (row->cookie != 0)
		follow(census, known, row, connection_class, &memory, now);
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
	known->busy_since = CENSUS_NEVER;
	known->undelivered_bytes = 0;
	known->unaccepted = false;
	known->ended = true;
	known->pass = census->pass;
}

/* A connection that is gone between two looks, with no event to tell how. While the application ran
 * on, it has most likely closed it after its answer; but not where there are events, which come as soon
 * as a socket is closed on both sides: then the client has reset it. */
static enum holder_end judge_vanished(const struct census *census, const struct census_entry *entry)
{
	if (census->app_ended && entry->unanswered)
		return HOLDER_CUT;
	if (census->app_ended && census->is_blind)
		return HOLDER_UNKNOWN;
	return census->has_events && entry->unanswered ? HOLDER_GAVE_UP : HOLDER_FINISHED;
}

static void settle_vanished(struct census *census, struct census_entry *entry)
{
	census->totals.accept_queue_lost += census->app_ended && entry->unaccepted;
	end_work(census, entry, judge_vanished(census, entry));
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
static void note_missing(const struct census *census, struct census_entry *entry)
{
	if (!census->app_told && !census->app_ended && entry->pass != census->pass)
		entry->unanswered = false;
}

/* Drops what is gone, and makes the index anew: cheaper to understand than removing from it one by
 * one. */
static void compact(struct census *census)
{
	size_t kept = 0;

	for (size_t i = 0; i < census->count; i++) {
		note_missing(census, &census->entries[i]);
		if (is_followed_on(census, &census->entries[i]))
			census->entries[kept++] = census->entries[i];
		else if (census->started)
			settle_vanished(census, &census->entries[i]);
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

void census_pass_end(struct census *census)
{
	census->counts = census->open_counts;
	compact(census);
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

/* How the work on a connection ended that has ended itself. Before the application was told it had no
 * reason to cut: the client gave up. */
static enum holder_end judge_end(
	const struct census *census, const struct connection *last, uint32_t lost)
{
	if (lost == 0 && !connection_is_unanswered(last))
		return HOLDER_FINISHED;
	return census->app_told ? HOLDER_CUT : HOLDER_GAVE_UP;
}

void census_ended(struct census *census, const struct connection *last, msec_t now)
{
	struct census_entry *entry, unseen;
	enum holder_end end;
	uint32_t lost;

	if (!census->started || last->peer_port == 0 || is_ignored(census, last))
		return; /* a listener has no peer */
	entry = find(census, last->cookie);
	if (entry == NULL) { /* came and went between two looks */
		set_up(&unseen, last);
		entry = &unseen;
		census->totals.arrived++;
		census->totals.last_arrival = now;
		if (last->data_segs_in > 0)
			note_busy(census, entry, last, true, now);
	}
	lost = lost_bytes(census, entry, last);
	note_delivery(census, entry, lost);
	note_bytes(census, entry, last, false, now);
	census->totals.lost_bytes += lost;
	if (entry->unaccepted && last->data_segs_out == 0 && census->app_told)
		census->totals.accept_queue_lost++;
	if (is_working(entry))
		entry->busy_until = since_start(census, now);
	if (connection_was_answered_since(last, &entry->memory))
		entry->doubtful = false;
	end = judge_end(census, last, lost);
	if (end == HOLDER_GAVE_UP && is_working(entry)) {
		census->gave_up =
			now - census->gave_up_at <= CENSUS_CRASH_MS ? census->gave_up + 1 : 1;
		census->gave_up_at = now;
	}
	end_work(census, entry, end);
	entry->undelivered_bytes = 0;
	entry->unaccepted = false;
	entry->ended = true;
}

void census_app_crashed(struct census *census, msec_t now)
{
	if (now - census->gave_up_at <= CENSUS_CRASH_MS)
		census->totals.cut += census->gave_up;
	census->gave_up = 0;
}

bool census_awaits_events(const struct census *census)
{
	for (size_t i = 0; census->has_events && i < census->count; i++) {
		if (census->entries[i].pass != census->pass && !census->entries[i].ended)
			return true;
	}
	return false;
}

void census_finish(struct census *census)
{
	census->totals.unknown += census->unseen;
	for (size_t i = 0; i < census->count; i++) {
		struct census_entry *entry = &census->entries[i];
		enum holder_end end = entry->unanswered || entry->undelivered_bytes > 0 ? HOLDER_CUT
				      : census->is_blind ? HOLDER_UNKNOWN
							 : HOLDER_FINISHED;

		if (entry->pass != census->pass) {
			settle_vanished(census, entry);
			continue;
		}
		census->totals.lost_bytes += entry->undelivered_bytes;
		end_work(census, entry, end);
	}
	census->count = 0;
}

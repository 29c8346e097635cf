/* SPDX-License-Identifier: MIT */
#include "core/census.h"

#include <string.h>

void census_init(struct census *census, struct census_entry *entries, uint32_t *index,
	size_t capacity, msec_t settle)
{
	*census = (struct census){
		.entries = entries,
		.index = index,
		.capacity = capacity,
		.settings = {.settle = settle},
	};
}

void census_start(struct census *census)
{
	census->started = true;
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

static struct census_entry *find(const struct census *census, uint64_t cookie)
{
	uint32_t entry = census->index[find_place(census, cookie)];

	return entry == 0 ? NULL : &census->entries[entry - 1];
}

/* Begins to follow a connection; NULL when there is no room. */
static struct census_entry *add(struct census *census, uint64_t cookie)
{
	struct census_entry *entry;

	if (census->count == census->capacity) {
		census->totals.incomplete = true;
		return NULL;
	}
	entry = &census->entries[census->count++];
	*entry = (struct census_entry){
		.cookie = cookie,
		.busy_since = MSEC_NEVER,
		.busy_until = MSEC_NEVER,
	};
	census->index[find_place(census, cookie)] = (uint32_t)census->count;
	return entry;
}

static bool is_working(const struct census_entry *entry)
{
	return entry->busy_since != MSEC_NEVER;
}

static void end_work(struct census *census, struct census_entry *entry)
{
	msec_t lasted = entry->busy_until - entry->busy_since;

	census->totals.longest_ms = msec_max(census->totals.longest_ms, lasted);
	entry->busy_since = MSEC_NEVER;
}

static void finish_work(struct census *census, struct census_entry *entry)
{
	census->totals.finished++;
	end_work(census, entry);
}

static void note_busy(struct census_entry *entry, const struct connection *row, msec_t now)
{
	if (!is_working(entry))
		entry->busy_since = now - (row->has_info ? (msec_t)row->last_data_recv_ms : 0);
	entry->busy_until = now;
}

/* Bytes leave the kernel for the peer; only what leaves after the application's end is our merit. */
static void note_delivery(struct census *census, struct census_entry *entry, uint32_t undelivered)
{
	if (census->app_ended && undelivered < entry->undelivered_bytes)
		census->totals.flushed_bytes += entry->undelivered_bytes - undelivered;
	entry->undelivered_bytes = undelivered;
}

/* What this row says of the work on the connection. */
static void note_class(struct census *census, struct census_entry *entry,
	const struct connection *row, enum connection_class connection_class, msec_t now)
{
	switch (connection_class) {
	case CONNECTION_BUSY:
		note_busy(entry, row, now);
		break;
	case CONNECTION_NEW:
	case CONNECTION_IDLE:
		if (is_working(entry))
			finish_work(census, entry);
		break;
	case CONNECTION_CLOSING:
		entry->closing = true;
		if (is_working(entry))
			entry->busy_until = now;
		return;
	case CONNECTION_RECENT: /* may go on with the same work */
	case CONNECTION_OTHER:
	case CONNECTION_CLASS_COUNT:
		break;
	}
	entry->unanswered = connection_is_unanswered(row) ||
			    (connection_class == CONNECTION_BUSY && !row->has_info);
}

static void follow(struct census *census, const struct connection *row,
	enum connection_class connection_class, msec_t now)
{
	struct census_entry *entry = find(census, row->cookie);

	if (entry == NULL) {
		entry = add(census, row->cookie);
		if (entry == NULL)
			return;
		census->totals.arrived += census->looked;
	}
	entry->pass = census->pass;
	note_delivery(census, entry, connection_undelivered_bytes(row));
	note_class(census, entry, row, connection_class, now);
}

static void count(struct census_counts *counts, const struct connection *row,
	enum connection_class connection_class)
{
	bool closing = connection_class == CONNECTION_CLOSING;

	counts->open += connection_class != CONNECTION_OTHER && !closing;
	counts->busy += connection_class == CONNECTION_BUSY;
	counts->held += connection_class == CONNECTION_BUSY || connection_class == CONNECTION_RECENT;
	counts->idle += connection_class == CONNECTION_NEW || connection_class == CONNECTION_IDLE;
	counts->unaccepted += connection_class == CONNECTION_BUSY && row->inode == 0;
	if (connection_is_undelivered(row) && connection_class != CONNECTION_OTHER) {
		counts->undelivered++;
		counts->undelivered_bytes += connection_undelivered_bytes(row);
	}
}

void census_pass_begin(struct census *census)
{
	census->open_counts = (struct census_counts){0};
	if (census->started)
		census->pass++;
}

void census_pass_row(struct census *census, const struct connection *row, msec_t now)
{
	enum connection_class connection_class;
	struct census_entry *known;

	if (row->state == TCP_STATE_LISTEN) {
		census->open_counts.listening++;
		return;
	}
	known = census->started ? find(census, row->cookie) : NULL;
	if (known != NULL && known->pass == census->pass)
		return; /* a dump is not atomic: a row may come twice */
	connection_class = connection_judge(row, &census->settings);
	count(&census->open_counts, row, connection_class);
	if (census->started && row->cookie != 0)
		follow(census, row, connection_class, now);
}

/* Ends the work of a connection by what was last known of it. */
static void judge_work(struct census *census, struct census_entry *entry, bool failed)
{
	if (!is_working(entry))
		return;
	if (!failed) {
		finish_work(census, entry);
		return;
	}
	census->totals.cut++;
	end_work(census, entry);
}

/* A connection that is gone between two looks, with no event to tell how. While the application ran
 * on, it has most likely closed it after its answer. */
static void settle_vanished(struct census *census, struct census_entry *entry)
{
	judge_work(census, entry, census->app_ended && entry->unanswered);
	note_delivery(census, entry, 0);
}

/* Drops what the last pass has not seen, and makes the index anew: cheaper to understand than
 * removing from it one by one. */
static void compact(struct census *census)
{
	size_t kept = 0;

	for (size_t i = 0; i < census->count; i++) {
		if (census->entries[i].pass == census->pass)
			census->entries[kept++] = census->entries[i];
		else
			settle_vanished(census, &census->entries[i]);
	}
	if (kept == census->count)
		return;
	memset(census->index, 0, 2 * census->capacity * sizeof *census->index);
	census->count = kept;
	for (size_t i = 0; i < kept; i++)
		census->index[find_place(census, census->entries[i].cookie)] = (uint32_t)i + 1;
}

void census_pass_end(struct census *census)
{
	census->counts = census->open_counts;
	if (!census->started)
		return;
	census->looked = true;
	if (census->counts.busy > census->totals.peak_busy)
		census->totals.peak_busy = census->counts.busy;
	compact(census);
}

/* The last event of a socket does not say whether its queue ends with a FIN. */
static uint32_t lost_bytes(const struct census *census, const struct census_entry *entry,
	const struct connection *last)
{
	bool fin_queued = census->app_ended || entry->closing;

	return last->wqueue > fin_queued ? last->wqueue - fin_queued : 0;
}

void census_ended(struct census *census, const struct connection *last, msec_t now)
{
	struct census_entry *entry, unseen = {.busy_since = MSEC_NEVER};
	uint32_t lost;

	if (!census->started || last->peer_port == 0)
		return; /* a listener */
	entry = find(census, last->cookie);
	if (entry == NULL) { /* came and went between two looks */
		census->totals.arrived++;
		entry = &unseen;
		if (last->bytes_received > 0)
			note_busy(entry, last, now);
	}
	lost = lost_bytes(census, entry, last);
	note_delivery(census, entry, lost);
	entry->undelivered_bytes = 0;
	census->totals.lost_bytes += lost;
	if (is_working(entry))
		entry->busy_until = now;
	if (lost == 0 && !connection_is_unanswered(last))
		judge_work(census, entry, false);
	else if (census->app_told)
		judge_work(census, entry, true);
	else if (is_working(entry))
		end_work(census, entry); /* it had no reason to cut: the client gave up */
}

void census_finish(struct census *census)
{
	for (size_t i = 0; i < census->count; i++) {
		struct census_entry *entry = &census->entries[i];

		census->totals.lost_bytes += entry->undelivered_bytes;
		judge_work(census, entry, entry->unanswered || entry->undelivered_bytes > 0);
	}
	census->count = 0;
}

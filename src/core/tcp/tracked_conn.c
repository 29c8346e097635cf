/* SPDX-License-Identifier: MIT */
#include "core/tcp/tracked_conn.h"

#include "core/tcp/ip_address.h"

#include <string.h>
#include <sys/socket.h>

#define MOVES_MAX 3

/* A last word comes with the end, or so long before it. */
#define WORD_MS 300

void tracked_conn_init(struct tracked_conn *entry, const struct connection *row)
{
	*entry = (struct tracked_conn){
		.cookie = row->cookie,
		.held_since = TRACKER_NEVER,
		.last_byte_at = TRACKER_NEVER,
		.peer_port = row->peer_port,
	};
	if (row->family == AF_INET)
		ip_address_map(row->peer, entry->peer);
	else
		memcpy(entry->peer, row->peer, sizeof entry->peer);
}

void tracked_conn_forget(struct tracked_conn *entry)
{
	entry->undelivered_bytes = 0;
	entry->unaccepted = false;
	entry->ended = true;
	entry->asked = false;
}

bool tracked_conn_is_held(const struct tracked_conn *entry)
{
	return entry->held_since != TRACKER_NEVER;
}

/* Whether the application's bytes are the last that moved, by more than a tick. */
static bool sent_last(const struct connection *row)
{
	return row->data_segs_out > 0 && row->last_data_sent_ms < row->last_data_recv_ms;
}

static bool has_come(const struct tracked_conn *entry, const struct connection *row)
{
	return entry->segs_in != (uint16_t)row->data_segs_in;
}

static bool has_left(const struct tracked_conn *entry, const struct connection *row)
{
	return entry->segs_out != (uint16_t)row->data_segs_out;
}

/* A server's own greeting (TLS's session tickets, HTTP/2's SETTINGS) leaves up to 52 ms after the request
 * that came with it, and looks like an answer: where a request is only suspected, what left later is one. */
static bool is_answered(
	const struct tracked_conn *entry, const struct connection *row, msec_t settle)
{
	if (entry->asked_segs_out == (uint16_t)row->data_segs_out)
		return false;
	if (entry->hold == HOLD_DOUBT)
		return sent_last(row) &&
		       (msec_t)row->last_data_recv_ms - row->last_data_sent_ms >= settle;
	return true;
}

/* Bytes that came and left between two polls have answered what waited before, and in a tie nothing
 * says whether they have answered the last of what came. */
static bool is_tied(const struct connection *row, bool in, bool out, bool before)
{
	if (!in)
		return before && !out;
	return out && row->last_data_sent_ms == row->last_data_recv_ms;
}

/* Of a busy row. Undelivered bytes may be the answer. In a tie an acknowledgement without data says that a
 * request waits, but after the client's FIN it may be that of the FIN. */
static bool is_known_to_wait(const struct connection *row)
{
	if (connection_has_unread_bytes(row))
		return true;
	return row->wqueue == 0 && row->state != TCP_STATE_CLOSE_WAIT;
}

static unsigned one_more(unsigned moves)
{
	return moves < MOVES_MAX ? moves + 1 : moves;
}

/* Whether bytes had left before the last ones came: a client says its last word to nobody else. */
static bool had_spoken(const struct tracked_conn *entry, const struct connection *row)
{
	return entry->segs_out > 0 ||
	       (row->data_segs_out > 0 && row->last_data_sent_ms > row->last_data_recv_ms);
}

/* With the client's FIN, or the end, what came may be several last words. Of a connection that no poll has seen before
 * it is known only what is unread. */
static bool may_be_word(const struct tracked_conn *entry, const struct connection *row)
{
	const bool client_may_stay = row->state == TCP_STATE_ESTABLISHED ||
				     row->state == TCP_STATE_FIN_WAIT1 ||
				     row->state == TCP_STATE_FIN_WAIT2;
	const uint32_t most = (client_may_stay ? LAST_WORD_IN_MAX : LAST_WORDS_IN_MAX) + 1;

	if (row->data_segs_out == 0) /* there was no answer to leave with */
		return false;
	if (entry->memory.polled)
		return had_spoken(entry, row) &&
		       (uint32_t)row->bytes_received - entry->bytes_in <= most;
	if (connection_has_unread_bytes(row))
		return row->rqueue <= most;
	return !client_may_stay && row->state != TCP_STATE_CLOSE;
}

/* What came after an answer is the next request, or the client's last word. */
static void note_word(struct tracked_conn *entry, const struct connection *row, bool has_left)
{
	bool is_asked = tracked_conn_is_held(entry) && entry->hold != HOLD_NONE;

	if (is_asked && !entry->answered && !has_left) { /* it goes on with what it said before */
		entry->may_be_word &= may_be_word(entry, row);
		return;
	}
	entry->may_be_word = may_be_word(entry, row);
	entry->word_joined = is_asked;
}

void tracked_conn_note_moves(
	struct tracked_conn *entry, const struct connection *row, msec_t settle, int32_t at)
{
	bool in, out;

	if (!row->has_info)
		return;
	in = has_come(entry, row);
	out = has_left(entry, row);
	if (in) {
		bool answered = out && sent_last(row);

		note_word(entry, row, out);
		entry->moves_out = answered;
		entry->asked_segs_out = (uint16_t)(row->data_segs_out - answered);
	} else if (out) {
		entry->moves_out = one_more(entry->moves_out) & MOVES_MAX;
	}
	entry->tied = is_tied(row, in, out, entry->tied);
	entry->answered = is_answered(entry, row, settle);
	entry->last_byte_at = at - (int32_t)msec_min(connection_quiet_ms(row), INT32_MAX / 2);
}

void tracked_conn_hold(struct tracked_conn *entry, const struct connection *row,
	enum connection_hold hold, enum connection_class held_class, int32_t at)
{
	int32_t request_at =
		at - (row->has_info ? (int32_t)msec_min(row->last_data_recv_ms, INT32_MAX / 2) : 0);

	if (!tracked_conn_is_held(entry)) {
		entry->held_since = request_at;
		entry->hold = HOLD_NONE;
		entry->moves_out = 0;
		entry->asked_segs_out = (uint16_t)row->data_segs_out;
		entry->answered = false;
	}
	if (hold == HOLD_REQUEST && entry->hold == HOLD_DOUBT)
		entry->held_since = request_at;
	if (hold == HOLD_REQUEST && entry->hold != HOLD_REQUEST &&
		(sent_last(row) || row->wqueue > 0)) { /* an answer is on its way */
		entry->asked_segs_out--;
		entry->answered = true;
	}
	if (hold > (enum connection_hold)entry->hold)
		entry->hold = (unsigned)hold & 3;
	if (hold == HOLD_REQUEST) {
		entry->request_until = at;
		entry->tied &= !is_known_to_wait(row);
	}
	entry->held_class = (unsigned)held_class & 7;
	entry->held_until = at;
}

void tracked_conn_keep_numbers(struct tracked_conn *entry, const struct connection *row)
{
	if (has_come(entry, row))
		entry->memory.counted = CONNECTION_HELD;
	entry->segs_in = (uint16_t)row->data_segs_in;
	entry->segs_out = (uint16_t)row->data_segs_out;
	entry->bytes_in = (uint32_t)row->bytes_received;
	entry->bytes_acked = (uint32_t)row->bytes_acked;
}

/* Held for its last byte alone, also where it is closed now. */
static bool is_recent(const struct tracked_conn *entry)
{
	return tracked_conn_is_held(entry) && entry->hold == HOLD_NONE &&
	       (entry->held_class == CONNECTION_RECENT || entry->held_class == CONNECTION_CLOSING);
}

/* What has ended it: where a poll has seen that it ends, what would have then. */
static enum connection_ender ender_of(const struct tracked_conn *entry, enum connection_ender now)
{
	return entry->closing || entry->missing ? (enum connection_ender)entry->ender : now;
}

struct connection_end tracked_conn_end(
	const struct tracked_conn *entry, enum connection_ender ender)
{
	return (struct connection_end){
		.hold = tracked_conn_is_held(entry) ? (enum connection_hold)entry->hold : HOLD_NONE,
		.ender = ender == ENDED_BY_TIME ? ender : ender_of(entry, ender),
		.unanswered = entry->unanswered,
		.answered = entry->answered,
		.saw_answer = entry->answered,
		.tied = entry->tied,
		.streamed = entry->moves_out > 1 || entry->memory.is_stream,
		.talked = entry->memory.talks,
		.may_be_word = entry->may_be_word,
		.recent = is_recent(entry),
		.kept = tracked_conn_is_held(entry) && entry->held_class == CONNECTION_IDLE,
		.peer_gone = entry->peer_gone,
		.lost_bytes = entry->undelivered_bytes,
	};
}

/* Whether what polls have seen the client say last may be its last word. */
static bool saw_last_word(const struct tracked_conn *entry, enum connection_ender ender)
{
	return ender == ENDED_IN_PEACE && entry->memory.polled && entry->may_be_word;
}

/* No poll has seen how many bytes came soon after bytes had left, just before the end: a request that was cut at once, or
 * the last words of a client that had its answer. left: bytes have, too, since the last poll. */
static bool may_leave_answered(
	const struct tracked_conn *entry, const struct connection *last, bool came, bool left)
{
	const bool is_counted = came ? entry->memory.polled && !left : entry->memory.has_earlier;

	return last->has_info && last->data_segs_out > 0 && !connection_has_unread_bytes(last) &&
	       !is_counted && last->last_data_recv_ms < WORD_MS &&
	       last->last_data_sent_ms - last->last_data_recv_ms < WORD_MS;
}

/* A server says goodbye to a client that leaves, and that client, which has closed its socket, does not hear
 * it. */
static bool is_servers_last_word(const struct tracked_conn *entry, const struct connection *last,
	uint32_t lost, bool is_over)
{
	bool is_request = tracked_conn_is_held(entry) && entry->hold == HOLD_REQUEST && !is_over;

	return lost <= LAST_WORD_OUT_MAX &&
	       (!is_request || entry->half_closed ||
		       entry->bytes_acked != (uint32_t)last->bytes_acked);
}

/* A request, or an answer to the request that the polls have seen, is longer. */
static bool is_clients_last_word(const struct tracked_conn *entry, const struct connection *last)
{
	return has_come(entry, last) && entry->memory.polled && had_spoken(entry, last) &&
	       (uint32_t)last->bytes_received - entry->bytes_in <= LAST_WORD_IN_MAX + 1;
}

bool tracked_conn_was_asked_since(const struct tracked_conn *entry, const struct connection *row)
{
	return has_come(entry, row) && !is_clients_last_word(entry, row);
}

struct connection_end tracked_conn_last_end(struct tracked_conn *entry,
	const struct connection *last, uint32_t lost, enum connection_ender ender, msec_t settle,
	int32_t at)
{
	const bool was_held = tracked_conn_is_held(entry);
	bool saw_answer = was_held && entry->answered, came, left, word, soon, leaves, last_word;
	struct connection_end end;

	/* disconnected, by the application, for no client can: the numbers are gone, too */
	if (last->peer_port == 0) {
		end = tracked_conn_end(entry, ender);
		end.vanished = end.ender == ENDED_IN_PEACE && !entry->unaccepted;
		return end;
	}
	came = has_come(entry, last);
	if (came)
		entry->memory.counted = CONNECTION_HELD;
	left = has_left(entry, last);
	last_word = is_clients_last_word(entry, last);
	tracked_conn_note_moves(entry, last, settle, at);
	word = saw_last_word(entry, ender_of(entry, ender));
	soon = last->has_info &&
	       connection_quiet_ms(last) < WORD_MS; /* or it was a request that waited */
	/* a poll has seen the answer, nothing has come since, and nothing made the application cut */
	leaves = saw_answer && !came && ender_of(entry, ender) == ENDED_IN_PEACE;
	if (is_servers_last_word(entry, last, lost,
		    (word && soon) || leaves ||
			    (entry->may_be_word && connection_has_unread_bytes(last))))
		lost = 0;
	if (!was_held && came && !last_word)
		tracked_conn_hold(entry, last, HOLD_REQUEST, CONNECTION_BUSY, at);
	entry->undelivered_bytes = lost;
	entry->unanswered = connection_is_unanswered(last);
	end = tracked_conn_end(entry, ender);
	if (connection_was_answered_since(last, &entry->memory) && end.hold == HOLD_DOUBT)
		end.answered = true;

	end.last_word = last_word;
	end.may_be_word |= may_leave_answered(entry, last, came && !end.last_word, left);
	end.saw_answer =
		saw_answer || (uint32_t)last->bytes_acked - entry->bytes_acked > LAST_WORD_OUT_MAX;
	/* both in one tick: an application that had no reason to cut has answered */
	if (came && (saw_answer || left) && !entry->unanswered && !end.answered) {
		end.answered = end.ender == ENDED_IN_PEACE;
		end.hold = end.answered ? end.hold : HOLD_DOUBT;
	}
	/* what was answered is what came before, also where the client's last word is of the same tick */
	if (came && last->has_info && (entry->unanswered || (end.last_word && !sent_last(last))))
		end.answered = saw_answer || left;
	if (word) {
		end.last_word = true;
		end.answered |= entry->word_joined && soon;
		if (!end.answered && end.hold == HOLD_REQUEST)
			end.hold = HOLD_DOUBT;
	}
	/* the client has closed or reset what the application had closed, in order, before */
	end.peer_gone |= entry->closing && lost > 0;
	return end;
}

struct blocker tracked_conn_release(struct tracked_conn *entry, enum connection_ending ending)
{
	struct blocker blocker = {
		.family = AF_INET6,
		.peer_port = entry->peer_port,
		.held_class = (enum connection_class)entry->held_class,
		.ending = ending,
		.held_ms = entry->held_until,
		.age_ms = entry->held_until - entry->held_since,
		.quiet_ms = -1,
		.queued_bytes = entry->undelivered_bytes,
	};

	if (entry->last_byte_at != TRACKER_NEVER) {
		blocker.quiet_ms = entry->held_until > entry->last_byte_at
					   ? entry->held_until - entry->last_byte_at
					   : 0;
		/* what was held on after an answer, for it may go on, was none of its time */
		if (entry->hold == HOLD_REQUEST) {
			int32_t until = entry->request_until > entry->last_byte_at
						? entry->request_until
						: entry->last_byte_at;

			blocker.age_ms = until - entry->held_since;
		}
	}
	memcpy(blocker.peer, entry->peer, sizeof blocker.peer);
	entry->held_since = TRACKER_NEVER;
	entry->hold = HOLD_NONE;
	return blocker;
}

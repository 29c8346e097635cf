/* SPDX-License-Identifier: MIT */
#include "bench/tie_rule.h"

#include "sys/monoclock.h"

#define TICK_MS 10
#define DELAYED_ACK_LEAST_MS 40
#define DELAYED_ACK_MOST_MS 200
#define HOLD_MS 5000

static struct tie_sight sight_of(const struct connection *row)
{
	return (struct tie_sight){
		.data_in = row->data_segs_in,
		.data_out = row->data_segs_out,
		.bare_acks = row->segs_out - row->data_segs_out,
		.bare_acks_in = row->segs_in - row->data_segs_in,
		.age_ms = row->last_data_recv_ms < row->last_data_sent_ms ? row->last_data_recv_ms
									  : row->last_data_sent_ms,
	};
}

void tie_history_look(struct tie_history *history, const struct connection *row)
{
	const struct verdict_settings settings = {.settle = 200, .longest_request = 10000};
	struct tie_sight now = sight_of(row);

	if (history->cookie != row->cookie)
		*history = (struct tie_history){.cookie = row->cookie};
	if (history->looked &&
		(history->last.data_in != now.data_in || history->last.data_out != now.data_out)) {
		history->before = history->last;
		history->has_before = true;
		history->first = now;
	} else if (!history->looked) {
		history->first = now;
	}
	history->last = now;
	history->looked = true;
	history->verdict =
		connection_judge_again(row, &history->memory, &settings, monoclock_now());
}

bool is_tie(const struct connection *row)
{
	return row->has_info && row->rqueue == 0 && row->wqueue == 0 && row->inode != 0 &&
	       row->bytes_received > 0 && row->data_segs_out > 0 &&
	       row->last_data_sent_ms == row->last_data_recv_ms;
}

static bool acked_later(const struct connection *row)
{
	return row->last_ack_recv_ms < row->last_data_recv_ms;
}

static enum connection_class until(const struct connection *row, uint32_t limit_ms)
{
	return row->last_data_recv_ms < limit_ms ? CONNECTION_BUSY : CONNECTION_IDLE;
}

static enum connection_class judge_idle(
	const struct connection *row, const struct tie_history *history)
{
	(void)row;
	(void)history;
	return CONNECTION_IDLE;
}

static enum connection_class judge_hold(
	const struct connection *row, const struct tie_history *history)
{
	(void)history;
	return until(row, HOLD_MS);
}

static enum connection_class judge_forever(
	const struct connection *row, const struct tie_history *history)
{
	(void)row;
	(void)history;
	return CONNECTION_BUSY;
}

static enum connection_class judge_first(
	const struct connection *row, const struct tie_history *history)
{
	if (row->last_data_recv_ms < DELAYED_ACK_MOST_MS)
		return CONNECTION_RECENT;
	if (acked_later(row) || history->last.bare_acks <= 1)
		return CONNECTION_IDLE;
	return until(row, HOLD_MS);
}

static enum connection_class judge_ack(
	const struct connection *row, const struct tie_history *history)
{
	(void)history;
	return acked_later(row) ? CONNECTION_IDLE : until(row, HOLD_MS);
}

static enum connection_class judge_ack_forever(
	const struct connection *row, const struct tie_history *history)
{
	(void)history;
	return acked_later(row) ? CONNECTION_IDLE : CONNECTION_BUSY;
}

static enum connection_class judge_bare(
	const struct connection *row, const struct tie_history *history)
{
	if (row->last_data_recv_ms < DELAYED_ACK_MOST_MS + TICK_MS)
		return CONNECTION_RECENT;
	return history->last.bare_acks <= 1 ? CONNECTION_IDLE : until(row, HOLD_MS);
}

/* Two looks: an acknowledgement without data since the first look at this tie says that the request
 * waits; none since a look before the tie says that it was answered. */
static enum connection_class judge_two_looks(
	const struct connection *row, const struct tie_history *history)
{
	const struct tie_sight *now = &history->last;

	if (acked_later(row))
		return CONNECTION_IDLE;
	if (now->bare_acks != history->first.bare_acks)
		return CONNECTION_BUSY;
	if (row->last_data_recv_ms < DELAYED_ACK_MOST_MS + TICK_MS)
		return CONNECTION_BUSY;
	if (now->bare_acks <= 1 ||
		(history->has_before && now->bare_acks == history->before.bare_acks))
		return CONNECTION_IDLE;
	return until(row, HOLD_MS);
}

/* The same, and a look early in the tie counts as one before it. */
static enum connection_class judge_early_look(
	const struct connection *row, const struct tie_history *history)
{
	enum connection_class strict = judge_two_looks(row, history);

	if (strict == CONNECTION_BUSY && row->last_data_recv_ms >= DELAYED_ACK_MOST_MS + TICK_MS &&
		history->last.bare_acks == history->first.bare_acks &&
		history->first.age_ms + TICK_MS < DELAYED_ACK_LEAST_MS)
		return CONNECTION_IDLE;
	return strict;
}

static enum connection_class judge_verdict(
	const struct connection *row, const struct tie_history *history)
{
	(void)row;
	return history->verdict;
}

static enum connection_class judge_one_look(
	const struct connection *row, const struct tie_history *history)
{
	const struct verdict_settings settings = {.settle = 200, .longest_request = 10000};

	(void)history;
	return connection_judge(row, &settings);
}

const struct tie_rule tie_rules[] = {
	{"shipped", "what connection_judge_again says", judge_verdict},
	{"one-look", "what connection_judge says", judge_one_look},
	{"idle", "a tie is idle", judge_idle},
	{"hold", "a tie is busy for 5 s", judge_hold},
	{"forever", "a tie is busy", judge_forever},
	{"ack", "idle when acknowledged later, else busy for 5 s", judge_ack},
	{"ack-forever", "idle when acknowledged later, else busy", judge_ack_forever},
	{"bare", "idle when we never sent a bare ack, else busy for 5 s", judge_bare},
	{"first", "both of these", judge_first},
	{"two-looks", "and what has changed since an earlier look", judge_two_looks},
	{"early-look", "and a look in the first 30 ms counts as earlier", judge_early_look},
};
const size_t tie_rule_count = sizeof tie_rules / sizeof *tie_rules;

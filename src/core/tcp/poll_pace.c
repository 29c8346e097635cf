/* SPDX-License-Identifier: MIT */
#include "core/tcp/poll_pace.h"

/* What is not used up is kept for the moment when connections end, and looking at once ends the drain.
 * So unprompted polls take half of it. */
#define COST_PERMILLE 30
#define SAVED_COST_MAX_US 20000
#define UNPROMPTED_COST_FACTOR 66
#define UNPROMPTED_MIN_MS 20
#define SLOWEST_MS 250
#define TICK_MS 4 /* of the kernel's times, as a rule */

/* Where what holds the drain is asked for, polls look for what is new. */
#define ARRIVALS_COST_FACTOR 400

/* Questions take half a percent of a core. The wake-up costs as much as some of them. */
#define ASK_COST_FACTOR 200
#define ASK_SAVED_MAX_US 3000
#define ASK_MIN_MS 2
#define SLOWEST_ASK_COST_FACTOR                                                                    \
	20 /* five percent of a core where a quarter of a second is sooner */
#define WAKEUP_COST_US INT64_C(10)

/* A poll that blocks the health endpoint for longer is made while the last connection settles, so that it is over
 * when that has settled. It is then as old as one that begins later would be at its end, but for a part of that time.
 * No two polls take equally long. One that is over a little later delays the end by that little; one that is over too
 * early is too old at the end, and another one has to be made. So an early poll begins by half of that part later. */
#define DEAR_COST_US 4000
#define FRESH_PART 4

/* Probes that come now and then, up to two hundred a second, are answered with fresh numbers. */
#define PROBE_MIN_MS 200
#define PROBE_COST_FACTOR 250
#define PROBE_SAVED_MAX_US 20000
#define NEWS_MS 50
#define STREAM_PROBE_MS 5
#define STREAM_NEWS_MS 500
#define STREAM_COST_FACTOR 5000
#define STREAM_MAX_MS 10000

/* Of the listening sockets alone. */
#define LISTENERS_COST_FACTOR 1000
#define STARTING_NEWS_MAX_MS 50

/* So many times the cost, in whole milliseconds. */
static msec_t pause_ms(int64_t cost_us, int factor)
{
	return (cost_us * factor + 999) / 1000;
}

void poll_pace_init(struct poll_pace *pace)
{
	*pace = (struct poll_pace){
		.tried_at = -1,
		.confirmed_at = -1,
		.early_at = -1,
		.saved_us = SAVED_COST_MAX_US,
		.probe_saved_us = PROBE_SAVED_MAX_US,
		.ask_saved_us = ASK_SAVED_MAX_US,
	};
}

/* What is saved by now, of a share of the time since the last poll. */
static int64_t saved_us(int64_t before_us, msec_t since_ms, int factor, int64_t most_us)
{
	return msec_min(before_us + since_ms * 1000 / factor, most_us);
}

void poll_pace_pay(
	struct poll_pace *pace, msec_t now, int64_t cost_us, msec_t read_at, int64_t walk_us)
{
	if (pace->tried_at >= 0) {
		const msec_t since = now - pace->tried_at;

		pace->saved_us =
			msec_min(pace->saved_us + since * COST_PERMILLE, SAVED_COST_MAX_US);
		pace->probe_saved_us = saved_us(
			pace->probe_saved_us, since, PROBE_COST_FACTOR, PROBE_SAVED_MAX_US);
		pace->ask_saved_us = saved_us(pace->ask_saved_us, now - pace->asked_at,
			ASK_COST_FACTOR, ASK_SAVED_MAX_US);
	}
	pace->saved_us -= cost_us;
	pace->probe_saved_us -= cost_us;
	pace->cost_us = cost_us;
	pace->turn_cost_us += cost_us;
	pace->walk_us = walk_us > 0 ? walk_us : cost_us;
	pace->read_at = walk_us > 0 ? read_at : now;
	pace->tried_at = pace->asked_at = now;
	pace->probes = 0;
}

void poll_pace_pay_questions(
	struct poll_pace *pace, msec_t now, int64_t cost_us, unsigned questions)
{
	pace->ask_saved_us = saved_us(pace->ask_saved_us, now - pace->asked_at, ASK_COST_FACTOR,
				     ASK_SAVED_MAX_US) -
			     cost_us - WAKEUP_COST_US;
	pace->ask_cost_us = cost_us;
	pace->asked = questions;
	pace->asked_at = now;
}

void poll_pace_begin_turn(struct poll_pace *pace)
{
	pace->turn_cost_us = 0;
}

msec_t poll_pace_turn_ends(const struct poll_pace *pace, msec_t begun_at)
{
	return begun_at + pace->turn_cost_us / 1000;
}

/* The longest pause, from the begin of a poll: a dear one takes half of a core at most. */
static msec_t slowest_ms(const struct poll_pace *pace)
{
	return msec_max(SLOWEST_MS, 2 * pause_ms(pace->cost_us, 1));
}

msec_t poll_pace_affordable_at(const struct poll_pace *pace)
{
	int64_t missing_us = pace->cost_us - pace->saved_us;

	if (missing_us <= 0)
		return pace->tried_at;
	return msec_add(pace->tried_at,
		msec_min((missing_us + COST_PERMILLE - 1) / COST_PERMILLE, slowest_ms(pace)));
}

/* What a round of so many questions will cost: as many as the last one, or in proportion. */
static int64_t questions_cost_us(const struct poll_pace *pace, unsigned questions)
{
	if (pace->asked == 0)
		return WAKEUP_COST_US;
	return WAKEUP_COST_US + pace->ask_cost_us * questions / pace->asked;
}

/* Where most of the host's connections hold the drain, one poll costs less than the questions. */
static bool asks(const struct poll_pace *pace, const struct poll_needs *needs)
{
	return needs->can_ask &&
	       questions_cost_us(pace, needs->asked) <= msec_max(pace->cost_us, 2 * WAKEUP_COST_US);
}

/* Where no question is asked. */
static msec_t plain_poll_at(const struct poll_pace *pace, const struct poll_needs *needs)
{
	msec_t pause = msec_max(pace->cost_us * UNPROMPTED_COST_FACTOR / 1000, UNPROMPTED_MIN_MS);

	if (needs->ending_heard || needs->wants_dump)
		return poll_pace_affordable_at(pace);
	/* nothing is busy, and what is recent will be idle then, if nothing moves */
	if (needs->busy + needs->unsure == 0 && needs->settles_in > 0)
		return msec_max(poll_pace_affordable_at(pace),
			msec_add(pace->tried_at, needs->settles_in + TICK_MS));
	return msec_add(pace->tried_at, msec_min(pause, slowest_ms(pace)));
}

/* How long after the begin of its last dump a poll is as new as one that would begin later. What it does after that,
 * as looking through /proc, makes its rows older. */
static msec_t fresh_ms(const struct poll_pace *pace)
{
	return (pace->walk_us + pace->walk_us / FRESH_PART) / 1000;
}

static msec_t fresh_until(const struct poll_pace *pace)
{
	return pace->tried_at < 0 ? -1 : pace->read_at + fresh_ms(pace);
}

bool poll_pace_is_fresh(const struct poll_pace *pace, msec_t now)
{
	return now <= fresh_until(pace);
}

/* When nothing will hold the drain any more, if nothing moves; MSEC_NEVER: not known. */
static msec_t end_at(const struct poll_pace *pace, const struct poll_needs *needs)
{
	if (needs->busy > 0 || (needs->ends_in == 0 && needs->asked > 0))
		return MSEC_NEVER;
	return msec_add(pace->asked_at, needs->ends_in);
}

/* How long before that a poll begins. */
static msec_t lead_ms(const struct poll_pace *pace)
{
	return pause_ms(pace->walk_us - pace->walk_us / (2 * FRESH_PART), 1);
}

/* Early polls are no more frequent than those that confirm what is known, and the first is at once. */
static msec_t early_allowed_at(const struct poll_pace *pace)
{
	if (pace->early_at < 0)
		return pace->tried_at;
	return msec_min(poll_pace_affordable_at(pace), msec_add(pace->early_at, slowest_ms(pace)));
}

/* A dear poll begins when the last connection is about to settle. */
static msec_t early_poll_at(const struct poll_pace *pace, const struct poll_needs *needs)
{
	msec_t ends_at = end_at(pace, needs);

	if (ends_at == MSEC_NEVER || needs->ends_in == 0 || pace->walk_us < DEAR_COST_US ||
		ends_at <= fresh_until(pace) + ASK_MIN_MS)
		return MSEC_NEVER;
	return msec_max(early_allowed_at(pace), ends_at - lead_ms(pace));
}

bool poll_pace_may_be_last(const struct poll_pace *pace, const struct poll_needs *needs, msec_t now)
{
	msec_t ends_at = end_at(pace, needs);

	return ends_at != MSEC_NEVER && now >= ends_at - msec_max(lead_ms(pace), fresh_ms(pace));
}

msec_t poll_pace_stop_at(const struct poll_pace *pace, const struct poll_needs *needs)
{
	msec_t at;

	if (!asks(pace, needs))
		return plain_poll_at(pace, needs);
	at = msec_add(pace->tried_at,
		msec_max(pause_ms(pace->cost_us, ARRIVALS_COST_FACTOR), UNPROMPTED_MIN_MS));
	at = msec_min(at, early_poll_at(pace, needs));
	return needs->wants_dump ? msec_min(at, poll_pace_affordable_at(pace)) : at;
}

/* When what has been saved pays for so much. */
static msec_t paid_at(const struct poll_pace *pace, int64_t cost_us)
{
	int64_t missing_us = cost_us - pace->ask_saved_us;

	return msec_add(pace->asked_at, missing_us > 0 ? pause_ms(missing_us, ASK_COST_FACTOR) : 0);
}

/* The kernel's times are in ticks: a connection may hold the drain for up to a tick less than they say. So a round
 * comes a little before, where what was saved pays for this round and the next one. */
static msec_t ask_for_end_at(const struct poll_pace *pace, msec_t ends_in, int64_t cost_us)
{
	msec_t sooner = msec_add(pace->asked_at, msec_max(ends_in - ASK_MIN_MS, ASK_MIN_MS));

	if (paid_at(pace, 2 * cost_us) <= sooner)
		return sooner;
	return msec_max(paid_at(pace, cost_us), msec_add(pace->asked_at, ends_in));
}

msec_t poll_pace_ask_at(const struct poll_pace *pace, const struct poll_needs *needs)
{
	int64_t cost_us = questions_cost_us(pace, needs->asked);
	msec_t slowest = msec_add(
		pace->asked_at, msec_max(SLOWEST_MS, pause_ms(cost_us, SLOWEST_ASK_COST_FACTOR)));
	msec_t paid = paid_at(pace, cost_us);
	msec_t unprompted =
		msec_add(pace->asked_at, msec_max(pause_ms(cost_us, ASK_COST_FACTOR), ASK_MIN_MS));

	if (needs->asked == 0 || !asks(pace, needs))
		return MSEC_NEVER;
	if (needs->ending_heard)
		return msec_min(paid, slowest);
	if (needs->busy == 0 &&
		needs->ends_in > 0) { /* nothing is to be seen before, but what moves */
		msec_t ends = ask_for_end_at(pace, needs->ends_in, cost_us);

		if (needs->unsure > 0)
			ends = msec_min(ends,
				msec_max(unprompted, msec_add(pace->asked_at, UNPROMPTED_MIN_MS)));
		unprompted = msec_max(ends, msec_add(pace->asked_at, ASK_MIN_MS));
	}
	return msec_min(unprompted, slowest);
}

msec_t poll_pace_confirm_at(const struct poll_pace *pace)
{
	if (pace->confirmed_at < 0)
		return pace->tried_at;
	return msec_min(
		poll_pace_affordable_at(pace), msec_add(pace->confirmed_at, slowest_ms(pace)));
}

/* How far two polls for probes are apart that come now and then. */
static msec_t probe_pause_ms(const struct poll_pace *pace)
{
	int64_t missing_us = pace->cost_us - pace->probe_saved_us;

	return msec_max(PROBE_MIN_MS, missing_us > 0 ? pause_ms(missing_us, PROBE_COST_FACTOR) : 0);
}

/* More than two hundred a second, until the next poll could be. */
static bool is_stream(const struct poll_pace *pace)
{
	return pace->probes > probe_pause_ms(pace) / STREAM_PROBE_MS;
}

msec_t poll_pace_news_ms(const struct poll_pace *pace, bool is_serving)
{
	msec_t pause = pause_ms(pace->listeners_cost_us, LISTENERS_COST_FACTOR);

	if (!is_serving)
		return msec_min(pause, STARTING_NEWS_MAX_MS);
	return msec_max(pause, is_stream(pace) ? STREAM_NEWS_MS : NEWS_MS);
}

msec_t poll_pace_probe_at(const struct poll_pace *pace)
{
	msec_t pause = probe_pause_ms(pace);

	if (pace->tried_at < 0)
		return pace->tried_at;
	if (is_stream(pace))
		pause = msec_max(pause,
			msec_min(pause_ms(pace->cost_us, STREAM_COST_FACTOR), STREAM_MAX_MS));
	return msec_add(pace->tried_at, pause);
}

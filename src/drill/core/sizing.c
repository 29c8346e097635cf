/* SPDX-License-Identifier: MIT */
#include "drill/core/sizing.h"

#include <math.h>
#include <string.h>

#define LEAST_DELAY_S 5 /* a load balancer's own targets take that long to notice */
#define LEAST_STOP_TIMEOUT_S 2 /* what ECS accepts */
#define RESERVE 1.5 /* half as much again: a sample never holds the worst that there is */

static bool is_known(int64_t value)
{
	return value != SELF_REPORT_UNKNOWN;
}

/* It would have taken longer. */
static bool was_short(const struct self_report *stop)
{
	return strcmp(stop->outcome, "budget_exhausted") == 0 ||
	       strcmp(stop->outcome, "killed") == 0;
}

/* Adds a count to a sum. Returns whether there was any. */
static bool add(uint64_t *sum, int64_t count)
{
	if (!is_known(count))
		return false;
	*sum += (uint64_t)count;
	return count > 0;
}

/* Requests of which nothing proves that they were answered. In a stop that drained, --longest-request ended
 * the wait for a connection that was quiet: the alarm of docs/report.md leaves those out, too. */
static void count_work(struct sizing *sizing, const struct self_report *stop)
{
	bool has_lost = add(&sizing->cut, stop->cut);
	bool is_unproven = false;

	has_lost |= add(&sizing->lost_bytes, stop->lost_bytes);
	has_lost |= add(&sizing->accept_queue_lost, stop->accept_queue_lost);
	if (strcmp(stop->outcome, "drained") != 0)
		is_unproven = add(&sizing->unknown, stop->unknown);
	sizing->lost_work += has_lost;
	sizing->unproven += is_unproven && !has_lost;
}

static void count_stop(struct sizing *sizing, const struct self_report *stop)
{
	sizing->unwatched += !is_known(stop->cut);
	count_work(sizing, stop);
	if (!stop->was_asked) {
		sizing->ended_alone++;
		return;
	}
	sizing->stops++;
	sizing->were_short += was_short(stop);
	sizing->guessed_timeout += stop->timeout_is_guess;
	if (is_known(stop->margin_ms))
		sizing->margin_s = fmax(sizing->margin_s, (double)stop->margin_ms / 1000);
}

typedef int64_t pick_fn(const struct self_report *stop);

static int64_t pick_total(const struct self_report *stop)
{
	return stop->total_ms;
}

static int64_t pick_drain(const struct self_report *stop)
{
	return stop->drain_ms;
}

static int64_t pick_headroom(const struct self_report *stop)
{
	return stop->headroom_ms;
}

/* A stop that caught nothing in flight has a longest request of 0, which says nothing of requests. */
static int64_t pick_longest(const struct self_report *stop)
{
	return stop->longest_ms > 0 ? stop->longest_ms : SELF_REPORT_UNKNOWN;
}

static struct percentiles percentiles_over(
	const struct self_report *stops, size_t count, pick_fn *pick, double *scratch)
{
	size_t samples = 0;

	for (size_t i = 0; i < count; i++) {
		if (stops[i].was_asked && is_known(pick(&stops[i])))
			scratch[samples++] = (double)pick(&stops[i]) / 1000;
	}
	return percentiles_of(scratch, samples);
}

double sizing_share_above_largest(size_t samples)
{
	return samples == 0 ? 1 : 1 - pow(0.05, 1 / (double)samples);
}

void sizing_make(
	struct sizing *ret_sizing, const struct self_report *stops, size_t count, double *scratch)
{
	struct sizing *s = ret_sizing;

	*s = (struct sizing){.deregistration_delay_s = NAN, .stop_timeout_s = NAN};
	for (size_t i = 0; i < count; i++)
		count_stop(s, &stops[i]);
	s->total_s = percentiles_over(stops, count, pick_total, scratch);
	s->drain_s = percentiles_over(stops, count, pick_drain, scratch);
	s->headroom_s = percentiles_over(stops, count, pick_headroom, scratch);
	s->longest_s = percentiles_over(stops, count, pick_longest, scratch);
	s->with_work = s->longest_s.samples;
	s->longer_share = sizing_share_above_largest(s->with_work);
	s->later_share = sizing_share_above_largest(s->stops);
	if (s->with_work > 0)
		s->deregistration_delay_s = ceil(fmax(LEAST_DELAY_S, RESERVE * s->longest_s.max));
	if (s->stops > 0)
		s->stop_timeout_s =
			ceil(fmax(LEAST_STOP_TIMEOUT_S, RESERVE * s->total_s.max + s->margin_s));
}

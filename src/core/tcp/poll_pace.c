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

/* Probes that come now and then, up to two hundred a second, are answered with fresh numbers. */
#define PROBE_MIN_MS 200
#define NEWS_MS 50
#define STREAM_PROBES 40 /* since the last poll */
#define STREAM_NEWS_MS 500
#define STREAM_COST_FACTOR 5000
#define STREAM_MAX_MS 10000

void poll_pace_init(struct poll_pace *pace)
{
	*pace = (struct poll_pace){.tried_at = -1};
}

void poll_pace_pay(struct poll_pace *pace, msec_t now, int64_t cost_us)
{
	int64_t saved_us = pace->saved_us + (now - pace->tried_at) * COST_PERMILLE;

	if (pace->tried_at < 0 || saved_us > SAVED_COST_MAX_US)
		saved_us = SAVED_COST_MAX_US;
	pace->saved_us = saved_us - cost_us;
	pace->cost_us = cost_us;
	pace->tried_at = now;
	pace->probes = 0;
}

msec_t poll_pace_affordable_at(const struct poll_pace *pace)
{
	int64_t missing_us = pace->cost_us - pace->saved_us;

	if (missing_us <= 0)
		return pace->tried_at;
	return msec_add(pace->tried_at,
		msec_min((missing_us + COST_PERMILLE - 1) / COST_PERMILLE, SLOWEST_MS));
}

msec_t poll_pace_stop_at(
	const struct poll_pace *pace, bool ending_heard, unsigned busy, msec_t settles_in)
{
	msec_t pause = msec_max(pace->cost_us * UNPROMPTED_COST_FACTOR / 1000, UNPROMPTED_MIN_MS);

	if (ending_heard)
		return poll_pace_affordable_at(pace);
	/* nothing is busy, and what is recent will be idle then, if nothing moves */
	if (busy == 0 && settles_in > 0)
		return msec_max(poll_pace_affordable_at(pace),
			msec_add(pace->tried_at, settles_in + TICK_MS));
	return msec_add(pace->tried_at, msec_min(pause, SLOWEST_MS));
}

static bool is_stream(const struct poll_pace *pace)
{
	return pace->probes > STREAM_PROBES;
}

msec_t poll_pace_news_ms(const struct poll_pace *pace)
{
	return is_stream(pace) ? STREAM_NEWS_MS : NEWS_MS;
}

msec_t poll_pace_probe_at(const struct poll_pace *pace)
{
	msec_t pause = PROBE_MIN_MS;

	if (pace->tried_at < 0)
		return pace->tried_at;
	if (is_stream(pace))
		pause = msec_max(pause,
			msec_min((pace->cost_us * STREAM_COST_FACTOR + 999) / 1000, STREAM_MAX_MS));
	return msec_add(pace->tried_at, pause);
}

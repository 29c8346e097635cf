/* SPDX-License-Identifier: MIT */
#include "core/report/timeline.h"

#define FIRST_SPACING_MS 10

void timeline_init(struct timeline *timeline)
{
	timeline->count = 0;
	timeline->spacing_ms = FIRST_SPACING_MS;
}

static bool is_same_load(const struct timeline_point *a, const struct timeline_point *b)
{
	return a->busy == b->busy && a->open == b->open;
}

/* The first of the highest, if several are. */
static size_t peak_index(const struct timeline *timeline)
{
	size_t peak = 0;

	for (size_t i = 1; i < timeline->count; i++) {
		if (timeline->points[i].busy > timeline->points[peak].busy)
			peak = i;
	}
	return peak;
}

bool timeline_thin(struct timeline *timeline)
{
	const size_t count = timeline->count, peak = peak_index(timeline);
	size_t kept = 0;
	bool keep = false;

	for (size_t i = 0; i < count; i++) {
		keep = !keep || i == peak || i == count - 1;
		if (keep)
			timeline->points[kept++] = timeline->points[i];
	}
	timeline->count = kept;
	if (timeline->spacing_ms <= UINT32_MAX / 2)
		timeline->spacing_ms *= 2;
	return kept < count;
}

/* The last point is only the latest news as long as it is closer than the spacing to the one
 * before: the next sample then takes its place. Measured against the last point itself, samples
 * that come faster than the spacing would push one single point along for ever. */
static bool last_is_replaceable(const struct timeline *timeline, const struct timeline_point *next)
{
	const struct timeline_point *last = &timeline->points[timeline->count - 1];

	if (timeline->count < 2)
		return false;
	if (is_same_load(last, next) && is_same_load(last - 1, next))
		return true;
	if (last->at_ms - last[-1].at_ms >= timeline->spacing_ms)
		return false;
	return next->busy >= last->busy || peak_index(timeline) != timeline->count - 1;
}

void timeline_add(struct timeline *timeline, msec_t since_stop, unsigned busy, unsigned open)
{
	msec_t at = msec_min(msec_max(since_stop, 0), UINT32_MAX);
	struct timeline_point next = {.busy = busy, .open = open};

	if (timeline->count > 0)
		at = msec_max(at, timeline->points[timeline->count - 1].at_ms);
	next.at_ms = (uint32_t)at;
	if (timeline->count > 0 && last_is_replaceable(timeline, &next))
		timeline->count--;
	else if (timeline->count == TIMELINE_POINTS)
		(void)timeline_thin(timeline); /* of so many points some always go */
	timeline->points[timeline->count++] = next;
}

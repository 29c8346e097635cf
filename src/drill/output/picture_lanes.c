/* SPDX-License-Identifier: MIT */
/* The lanes of the picture: what became of each cohort's requests. */
#include "drill/output/outcome_paint.h"
#include "drill/output/picture_layout.h"

#include <math.h>
#include <stdio.h>

#define NAME_SIZE 12
#define NOTE_SIZE 10.5
#define STEPS 24 /* of a column's height */

static const char *const titles[] = {
	[COHORT_IN_FLIGHT] = "in flight",
	[COHORT_KEEP_ALIVE] = "keep-alive",
	[COHORT_NEW] = "new",
	[COHORT_PRECONNECTED] = "preconnected",
	[COHORT_ACCEPT_QUEUE] = "accept queue",
};
_Static_assert(sizeof(titles) / sizeof(*titles) == COHORT_COUNT, "a cohort has no title");

static void draw_lines_of_group(const struct picture *p, const struct picture_lane *lane,
	enum outcome_group group, struct canvas *canvas)
{
	const double step = lane->height / lane->line_count;

	canvas->ops->strokes(canvas, paint_of_group(group), fmin(2, step - 1), false);
	for (unsigned i = 0; i < lane->line_count; i++) {
		const struct lane_line *line = &lane->lines[i];
		const double y = lane->y + step * (i + 0.5);
		const double x = picture_x(p, line->start), end = picture_x(p, line->end);

		if (line->group != group)
			continue;
		canvas->ops->stroke(canvas, x, y, fmax(end, x + 1), y);
		if (!outcome_group_is_failure(group))
			continue;
		canvas->ops->stroke(
			canvas, end - 3, y - 3, end + 3, y + 3); /* a cross, where no colour is */
		canvas->ops->stroke(canvas, end - 3, y + 3, end + 3, y - 3);
	}
	canvas->ops->strokes_end(canvas);
}

/* Where in a column a group's part begins, in steps from the baseline: on the parts of the better
 * groups of its side. */
static unsigned steps_before(const uint32_t *counts, enum outcome_group group, uint32_t most)
{
	const bool is_failure = outcome_group_is_failure(group);
	unsigned steps = 0;

	for (unsigned g = 0; g < group; g++) {
		if (outcome_group_is_failure(g) == is_failure)
			steps += lane_steps(counts[g], most, STEPS);
	}
	return steps;
}

static void draw_columns_of_group(const struct picture *p, const struct picture_lane *lane,
	enum outcome_group group, struct canvas *canvas)
{
	const bool is_failure = outcome_group_is_failure(group);
	const uint32_t most = is_failure ? lane->lane.most_failed : lane->lane.most_good;
	const double room =
		is_failure ? lane->y + lane->height - lane->baseline : lane->y - lane->baseline;
	const double width = (double)(PICTURE_RIGHT - PICTURE_LEFT) / lane->lane.columns;

	(void)p;
	canvas->ops->strokes(canvas, paint_of_group(group), fmax(1, width - 0.4), false);
	for (unsigned c = 0; c < lane->lane.columns; c++) {
		const uint32_t *counts = lane->lane.counts[c];
		const double x = PICTURE_LEFT + width * (c + 0.5);
		unsigned from, to;

		if (counts[group] == 0)
			continue;
		from = steps_before(counts, group, most);
		to = from + lane_steps(counts[group], most, STEPS);
		if (to >
			STEPS + 2) /* the steps that no group is denied may add up to more than all */
			to = STEPS + 2;
		if (from >= to)
			from = to - 1;
		canvas->ops->stroke(canvas, x, lane->baseline + room * from / STEPS, x,
			lane->baseline + room * fmax(to, from + 2) / STEPS);
	}
	canvas->ops->strokes_end(canvas);
}

static void draw_name(const struct picture_lane *lane, struct canvas *canvas)
{
	const struct lane *l = &lane->lane;
	char name[64], note[64];
	const double x = PICTURE_LEFT - 12;

	snprintf(name, sizeof(name), "%c %s", cohort_letter(l->cohort), titles[l->cohort]);
	canvas->ops->text(canvas, PAINT_INK, x, lane->y + 9, NAME_SIZE, true, ANCHOR_END, name);
	if (l->failures > 0)
		snprintf(note, sizeof(note), "%u, %u failed", l->attempts, l->failures);
	else
		snprintf(note, sizeof(note), "%u", l->attempts);
	canvas->ops->text(canvas, l->failures > 0 ? PAINT_FAIL : PAINT_FAINT, x, lane->y + 23,
		NOTE_SIZE, false, ANCHOR_END, note);
	if (lane->line_count > 0 && lane->line_count < l->attempts) {
		snprintf(note, sizeof(note), "a line for about %u",
			(l->attempts + lane->line_count / 2) / lane->line_count);
		canvas->ops->text(
			canvas, PAINT_FAINT, x, lane->y + 37, NOTE_SIZE, false, ANCHOR_END, note);
	}
}

static void begin_lane(const struct picture_lane *lane, struct canvas *canvas)
{
	char title[512];
	size_t len;

	len = (size_t)snprintf(title, sizeof(title), "%c, %s:", cohort_letter(lane->lane.cohort),
		titles[lane->lane.cohort]);
	for (unsigned g = 0; g < OUTCOME_GROUP_COUNT; g++) {
		if (lane->lane.totals[g] > 0)
			len += (size_t)snprintf(title + len, sizeof(title) - len, " %u %s,",
				lane->lane.totals[g], outcome_group_label(g));
	}
	title[len - 1] = '\0'; /* the last comma */
	canvas->ops->group(canvas, title);
}

void picture_draw_lanes(const struct picture *p, struct canvas *canvas)
{
	for (unsigned i = 0; i < p->lane_count; i++) {
		const struct picture_lane *lane = &p->lanes[i];

		begin_lane(lane, canvas);
		draw_name(lane, canvas);
		if (lane->line_count == 0)
			canvas_line(canvas, PAINT_RULE, 1, false, PICTURE_LEFT, lane->baseline,
				PICTURE_RIGHT, lane->baseline);
		for (unsigned g = 0; g < OUTCOME_GROUP_COUNT; g++) {
			if (lane->lane.totals[g] == 0)
				continue;
			if (lane->line_count > 0)
				draw_lines_of_group(p, lane, g, canvas);
			else
				draw_columns_of_group(p, lane, g, canvas);
		}
		canvas->ops->group_end(canvas);
	}
}

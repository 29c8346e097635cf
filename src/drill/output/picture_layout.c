/* SPDX-License-Identifier: MIT */
#include "drill/output/picture_layout.h"

#include "core/text/text.h"
#include "host/core/clean_text.h"
#include "drill/core/measure.h"
#include "host/core/seconds_text.h"

#include <math.h>
#include <stdlib.h>

#define MARKS_Y 62
#define MARK_ROWS_HEIGHT 48
#define LINE_HEIGHT 4
#define GOOD_HEIGHT 30
#define FAILED_HEIGHT 24
#define LANE_GAP 20
#define AXIS_HEIGHT 30
#define RUNS_HEIGHT 64
#define LEGEND_HEIGHT 40
#define LEGEND_ROW_KEYS 5 /* more of them may need a second row */

/* Requests in flight are lines one below the other, all others columns on a baseline. */
static double lay_lane(struct picture_lane *lane, double y)
{
	lane->y = y;
	if (lane->line_count > 0) {
		lane->height = fmax(22, LINE_HEIGHT * lane->line_count);
		lane->baseline = y;
	} else {
		lane->height = GOOD_HEIGHT + (lane->lane.failures > 0 ? FAILED_HEIGHT : 0);
		lane->baseline = y + GOOD_HEIGHT;
	}
	return y + lane->height + LANE_GAP;
}

static int fill_lanes(struct picture *picture, unsigned columns)
{
	const struct run *run = picture->run;
	struct lane_line *all = calloc(run->attempt_count + 1, sizeof(*all));

	if (!all)
		return -1;
	for (unsigned c = 0; c < COHORT_COUNT; c++) {
		struct picture_lane *lane = &picture->lanes[picture->lane_count];

		lane_fill(&lane->lane, run, c, &picture->axis, columns);
		if (lane->lane.attempts == 0)
			continue;
		if (c == COHORT_IN_FLIGHT)
			lane->line_count = lane_lines(lane->lines, run, c, all);
		picture->lane_count++;
	}
	free(all);
	return 0;
}

static unsigned groups_shown(const struct picture *picture)
{
	unsigned groups = 0;

	for (unsigned g = 0; g < OUTCOME_GROUP_COUNT; g++) {
		bool is_shown = false;

		for (unsigned i = 0; i < picture->lane_count; i++)
			is_shown |= picture->lanes[i].lane.totals[g] > 0;
		groups += is_shown;
	}
	return groups;
}

struct picture *picture_new(const struct drill_result *result, unsigned columns)
{
	struct picture *picture = calloc(1, sizeof(*picture));
	double y = MARKS_Y;

	if (!picture)
		return NULL;
	picture->result = result;
	picture->run = measure_worst_run(result);
	if (picture->run) {
		picture->axis = axis_of_run(picture->run);
		if (fill_lanes(picture, columns) < 0) {
			free(picture);
			return NULL;
		}
		picture->marks_y = y;
		y += MARK_ROWS_HEIGHT;
		picture->plot_y = y;
		y += LANE_GAP / 2.0;
		for (unsigned i = 0; i < picture->lane_count; i++)
			y = lay_lane(&picture->lanes[i], y);
		y += picture->lane_count == 0 ? LANE_GAP : -LANE_GAP / 2.0;
		picture->plot_end = y;
		y += AXIS_HEIGHT;
		picture->runs_y = y;
		y += result->run_count > 1 ? RUNS_HEIGHT : 0;
		picture->legend_y = y;
		y += LEGEND_HEIGHT;
		y += groups_shown(picture) > LEGEND_ROW_KEYS ? PICTURE_LEGEND_ROW : 0;
	}
	picture->height = y;
	return picture;
}

double picture_x(const struct picture *picture, drill_us_t moment)
{
	return PICTURE_LEFT +
	       axis_position(&picture->axis, moment) * (PICTURE_RIGHT - PICTURE_LEFT);
}

static void describe_run(const struct picture *picture, struct text *text)
{
	const struct run *run = picture->run;
	const struct run_numbers *n = &run->numbers;
	char buf[SECONDS_TEXT_BYTES];

	if (picture->result->run_count > 1)
		text_printf(text, "run %u of %u%s: ", run->number, picture->result->run_count,
			measure_worst_because(run));
	text_printf(text, "%s in %s", run->is_deployment ? "deployed" : "stopped",
		seconds_text(buf, n->stop_wall_s));
	if (n->was_killed_at_deadline)
		text_add(text, ", killed at the deadline");
	if (n->in_flight_at_stop > 0)
		text_printf(text, ", %u of %u in flight completed, %u cut", n->in_flight_completed,
			n->in_flight_at_stop, n->in_flight_cut);
}

void picture_describe(const struct picture *picture, char *ret_text, size_t cap)
{
	struct text text;

	text_init(&text, ret_text, cap);
	if (picture->run)
		describe_run(picture, &text);
	else
		text_add(&text, "there is no run to be shown");
	if (picture->result->verdict == VERDICT_INCONCLUSIVE) {
		char clean[CLEAN_TEXT_BYTES(256)];

		text_printf(&text, "; inconclusive: %s",
			clean_text(clean, sizeof(clean), picture->result->inconclusive_because));
	}
}

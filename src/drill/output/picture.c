/* SPDX-License-Identifier: MIT */
#include "host/core/clean_text.h"
#include "drill/core/measure.h"
#include "host/core/seconds_text.h"
#include "drill/output/outcome_paint.h"
#include "drill/output/picture_layout.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define LEGEND_X 24
#define TITLE_SIZE 18
#define TEXT_SIZE 12
#define RUNS_HEIGHT 34
#define RUNS_MAX 180 /* bars that can still be distinguished */

static void draw_heading(const struct picture *p, struct canvas *canvas)
{
	static const struct {
		const char *word;
		enum paint paint;
	} verdicts[] = {
		[VERDICT_PASS] = {"PASS", PAINT_PASS},
		[VERDICT_FAIL] = {"FAIL", PAINT_FAIL},
		[VERDICT_INCONCLUSIVE] = {"INCONCLUSIVE", PAINT_FAINT},
	};
	const char *word = verdicts[p->result->verdict].word;
	char target[3 * 48], description[1024], shown[160]; /* what the width has room for */

	canvas->ops->text(canvas, verdicts[p->result->verdict].paint, 24, 32, TITLE_SIZE, true,
		ANCHOR_START, word);
	canvas->ops->text(canvas, PAINT_INK, 24 + 1.15 * canvas_text_width(word, TITLE_SIZE) + 6,
		32, TITLE_SIZE, false, ANCHOR_START,
		clean_text(target, sizeof(target), p->result->target));
	picture_describe(p, description, sizeof(description));
	canvas->ops->text(canvas, PAINT_FAINT, 24, 51, TEXT_SIZE, false, ANCHOR_START,
		clean_text(shown, sizeof(shown), description));
}

struct legend {
	struct canvas *canvas;
	double x, y;
};

static void draw_key(struct legend *legend, enum paint paint, const char *label)
{
	const double width = 17 + canvas_text_width(label, 11);

	if (legend->x + width > PICTURE_RIGHT) {
		legend->x = LEGEND_X;
		legend->y += PICTURE_LEGEND_ROW;
	}
	legend->canvas->ops->rect(legend->canvas, paint, legend->x, legend->y - 9, 12, 10);
	legend->canvas->ops->text(legend->canvas, PAINT_INK, legend->x + 17, legend->y, 11, false,
		ANCHOR_START, label);
	legend->x += width + 14;
}

static void draw_legend(const struct picture *p, struct canvas *canvas)
{
	const struct picture_shades shades = picture_shades_of(p);
	struct legend legend = {canvas, LEGEND_X, p->legend_y + 14};

	for (unsigned g = 0; g < OUTCOME_GROUP_COUNT; g++) {
		uint32_t count = 0;
		char label[64];

		for (unsigned i = 0; i < p->lane_count; i++)
			count += p->lanes[i].lane.totals[g];
		if (count == 0)
			continue;
		snprintf(label, sizeof(label), "%s %u", outcome_group_label(g), count);
		draw_key(&legend, paint_of_group(g), label);
	}
	legend.x = LEGEND_X;
	legend.y += PICTURE_LEGEND_ROW;
	for (unsigned i = 0; i < shades.count; i++)
		draw_key(&legend, shades.shades[i].paint, shades.shades[i].label);
}

/* Of the runs that share a bar, the one that failed, or took longest. */
static const struct run *run_of_bar(const struct drill_result *result, unsigned bar, unsigned bars)
{
	const unsigned first = bar * result->run_count / bars;
	const unsigned last = (bar + 1) * result->run_count / bars - 1;
	const struct run *chosen = &result->runs[first];

	for (unsigned i = first + 1; i <= last; i++) {
		const struct run *run = &result->runs[i];

		if (measure_run_is_bad(run) != measure_run_is_bad(chosen)
				? measure_run_is_bad(run)
				: run->numbers.stop_wall_s > chosen->numbers.stop_wall_s)
			chosen = run;
	}
	return chosen;
}

static enum outcome_group group_of_run(const struct run *run)
{
	if (run->error[0] != '\0')
		return OUTCOME_GROUP_CLIENT;
	return measure_run_is_bad(run) ? OUTCOME_GROUP_CUT : OUTCOME_GROUP_OK;
}

static void draw_runs(const struct picture *p, struct canvas *canvas)
{
	const struct drill_result *result = p->result;
	const unsigned bars = result->run_count < RUNS_MAX ? result->run_count : RUNS_MAX;
	const struct percentiles stop = measure_over_runs(result, MEASURE_STOP);
	const double bottom = p->runs_y + 12 + RUNS_HEIGHT;
	const double width = fmin(26, (double)(PICTURE_RIGHT - PICTURE_LEFT) / bars);
	char note[64], most[SECONDS_TEXT_BYTES];

	canvas->ops->group(canvas, "stop time of each run");
	canvas->ops->text(canvas, PAINT_INK, PICTURE_LEFT - 12, p->runs_y + 24, 12, true,
		ANCHOR_END, "all runs");
	snprintf(note, sizeof(note), "stop time, up to %s", seconds_text(most, stop.max));
	canvas->ops->text(canvas, PAINT_FAINT, PICTURE_LEFT - 12, p->runs_y + 38, 10.5, false,
		ANCHOR_END, note);
	for (unsigned bar = 0; bar < bars; bar++) {
		const struct run *run = run_of_bar(result, bar, bars);
		const double share = measure_of_run(run, MEASURE_STOP) / stop.max;
		const double height = isfinite(share) ? fmax(2, RUNS_HEIGHT * share) : 2;
		const double x = PICTURE_LEFT + width * bar;

		canvas->ops->rect(canvas, paint_of_group(group_of_run(run)), x, bottom - height,
			width - (width > 6 ? 4 : 1), height);
		if (measure_run_is_bad(run) && width > 12)
			canvas->ops->text(canvas, PAINT_FAIL, x + width / 2 - 2,
				bottom - height - 3, 11, true, ANCHOR_MIDDLE, "×");
	}
	canvas->ops->group_end(canvas);
}

void picture_draw(const struct picture *p, struct canvas *canvas)
{
	canvas->ops->rect(canvas, PAINT_PAPER, 0, 0, PICTURE_WIDTH, p->height);
	draw_heading(p, canvas);
	if (!p->run)
		return;
	picture_draw_marks(p, canvas);
	picture_draw_lanes(p, canvas);
	if (p->lane_count == 0)
		canvas->ops->text(canvas, PAINT_FAINT, (PICTURE_LEFT + PICTURE_RIGHT) / 2.0,
			p->plot_y - 8, TEXT_SIZE, false, ANCHOR_MIDDLE, "no requests were made");
	if (p->result->run_count > 1)
		draw_runs(p, canvas);
	draw_legend(p, canvas);
}

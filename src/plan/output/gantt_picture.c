/* SPDX-License-Identifier: MIT */
#include "plan/output/gantt_picture.h"

#include "core/text/duration.h"
#include "host/core/clean_text.h"
#include "host/png_canvas.h"
#include "host/svg_canvas.h"
#include "plan/output/gantt.h"

#include <errno.h>

#define WIDTH 960
#define LEFT 128 /* of the plot: left of it are the rows' names */
#define RIGHT 936
#define TOP 92
#define ROW_HEIGHT 22
#define BAR_HEIGHT 15
#define PHASE_HEIGHT 26
#define LEGEND_HEIGHT 48
#define ROWS 24
#define TICKS 8

struct picture {
	const struct time_plan *plan;
	struct gantt gantt;
	double rows_y, legend_y, height;
};

static void layout(struct picture *p, const struct time_plan *plan)
{
	*p = (struct picture){.plan = plan};
	gantt_make(&p->gantt, &plan->upper, ROWS, TICKS);
	p->rows_y = TOP + (plan->upper.phase_count > 0 ? PHASE_HEIGHT : 0);
	p->legend_y = p->rows_y + ROW_HEIGHT * p->gantt.row_count + 12;
	p->height = p->legend_y + LEGEND_HEIGHT;
}

static double x_of(const struct picture *p, int64_t moment)
{
	return LEFT + (double)moment / (double)p->gantt.end * (RIGHT - LEFT);
}

/* Old tasks are grey where new ones are blue: which of the two serves is what the picture is about. */
static enum paint paint_of(enum gantt_state state, bool is_old)
{
	switch (state) {
	case GANTT_STARTING:
		return PAINT_YELLOW;
	case GANTT_CHECKED:
		return PAINT_PINK;
	case GANTT_SERVING:
		return is_old ? PAINT_GREY : PAINT_BLUE;
	case GANTT_DRAINING:
		return PAINT_GREEN;
	case GANTT_STOPPING:
		return PAINT_ORANGE;
	case GANTT_NONE:
	case GANTT_STATE_COUNT:
		break;
	}
	return PAINT_RULE;
}

static void add_range(struct text *text, int64_t lower, int64_t upper)
{
	if (lower != upper) {
		duration_add(text, lower);
		text_add(text, " to ");
	}
	duration_add(text, upper);
}

static void describe(const struct picture *p, char *buf, size_t cap)
{
	const struct rollout *low = &p->plan->lower, *up = &p->plan->upper;
	struct text text;

	text_init(&text, buf, cap);
	text_printf(&text, "%d in %d wave%s; all new are healthy after ", (int)up->tasks,
		(int)up->waves, up->waves == 1 ? "" : "s");
	add_range(&text, low->all_new, up->all_new);
	text_add(&text, ", the last old one is gone after ");
	add_range(&text, low->old_gone, up->old_gone);
	if (low->complete != up->complete)
		text_add(&text, "; drawn is the upper estimate");
	text_add(&text, ".");
}

static void title_of(const struct picture *p, char *buf, size_t cap)
{
	const struct rollout *low = &p->plan->lower, *up = &p->plan->upper;
	char clean[CLEAN_TEXT_BYTES(64)], name[65];
	struct text text;

	text_init(&text, buf, cap);
	if (p->plan->inputs.name != NULL) {
		(void)snprintf(name, sizeof name, "%.64s", p->plan->inputs.name);
		text_printf(&text, "%s: ", clean_text(clean, sizeof clean, name));
	}
	text_add(&text, "the deployment takes ");
	add_range(&text, low->complete, up->complete);
}

static void draw_heading(const struct picture *p, struct canvas *canvas)
{
	char title[320], description[256];

	title_of(p, title, sizeof title);
	describe(p, description, sizeof description);
	canvas->ops->text(canvas, PAINT_INK, 24, 32, 18, true, ANCHOR_START, title);
	canvas->ops->text(canvas, PAINT_FAINT, 24, 52, 12, false, ANCHOR_START, description);
}

static void draw_axis(const struct picture *p, struct canvas *canvas)
{
	canvas->ops->strokes(canvas, PAINT_RULE, 1, false);
	for (int64_t at = 0; at <= p->gantt.end; at += p->gantt.tick)
		canvas->ops->stroke(canvas, x_of(p, at), TOP - 8, x_of(p, at), p->legend_y - 8);
	canvas->ops->strokes_end(canvas);
	for (int64_t at = 0; at <= p->gantt.end; at += p->gantt.tick) {
		char label[DURATION_TEXT_BYTES];

		canvas->ops->text(canvas, PAINT_FAINT, x_of(p, at), TOP - 14, 11, false,
			x_of(p, at) > RIGHT - 20 ? ANCHOR_END : ANCHOR_MIDDLE,
			duration_text(label, at));
	}
}

static void draw_phases(const struct picture *p, struct canvas *canvas)
{
	const struct rollout *r = &p->plan->upper;

	for (unsigned i = 0; i < r->phase_count; i++) {
		const double x = x_of(p, r->phases[i].from), end = x_of(p, r->phases[i].to);
		const char *label = gantt_phase_label(r->phases[i].kind);
		char title[96], length[DURATION_TEXT_BYTES];

		(void)snprintf(title, sizeof title, "%s: %s", label,
			duration_text(length, r->phases[i].to - r->phases[i].from));
		canvas->ops->group(canvas, title);
		canvas->ops->rect(canvas, i % 2 == 0 ? PAINT_DRAINING : PAINT_LAME_DUCK, x, TOP,
			end - x, BAR_HEIGHT + 3);
		if (end - x > canvas_text_width(label, 11))
			canvas->ops->text(
				canvas, PAINT_INK, x + 4, TOP + 13, 11, false, ANCHOR_START, label);
		canvas->ops->group_end(canvas);
	}
	if (r->phase_count > 0)
		canvas->ops->text(
			canvas, PAINT_INK, LEFT - 12, TOP + 13, 12, false, ANCHOR_END, "phase");
}

static void draw_bars(
	const struct picture *p, struct canvas *canvas, const struct gantt_row *row, double y)
{
	for (unsigned s = GANTT_STARTING; s < GANTT_STATE_COUNT; s++) {
		const struct gantt_span span = gantt_span(&p->gantt, row, s);
		const double x = x_of(p, span.from), end = x_of(p, span.to);

		if (span.to > span.from)
			canvas->ops->rect(canvas, paint_of(s, row->is_old), x, y,
				end - x < 1 ? 1 : end - x, BAR_HEIGHT);
	}
}

static void draw_row(
	const struct picture *p, struct canvas *canvas, const struct gantt_row *row, double y)
{
	char label[64], title[160], from[DURATION_TEXT_BYTES], to[DURATION_TEXT_BYTES];

	if (row->is_gap) {
		(void)snprintf(label, sizeof label, "%d more batches", (int)row->last);
		canvas->ops->text(
			canvas, PAINT_FAINT, LEFT, y + 12, 12, false, ANCHOR_START, label);
		return;
	}
	(void)gantt_row_label(row, label);
	(void)snprintf(title, sizeof title, "%s: %s after %s, %s after %s", label,
		row->is_old ? "ordered to stop" : "started", duration_text(from, row->batch.from),
		row->is_old ? "gone" : "healthy", duration_text(to, row->batch.to));
	canvas->ops->group(canvas, title);
	canvas->ops->text(
		canvas, PAINT_INK, LEFT - 12, y + 12, 12, !row->is_old, ANCHOR_END, label);
	draw_bars(p, canvas, row, y);
	canvas->ops->group_end(canvas);
}

static bool has_span(const struct picture *p, enum gantt_state state, bool is_old)
{
	for (unsigned i = 0; i < p->gantt.row_count; i++) {
		const struct gantt_row *row = &p->gantt.rows[i];
		const struct gantt_span span = gantt_span(&p->gantt, row, state);

		if (!row->is_gap && row->is_old == is_old && span.to > span.from)
			return true;
	}
	return false;
}

static void draw_legend(const struct picture *p, struct canvas *canvas)
{
	double x = LEFT;

	for (unsigned s = GANTT_STARTING; s < GANTT_STATE_COUNT; s++) {
		for (int is_old = 0; is_old < 2; is_old++) {
			char label[64];

			if (!has_span(p, s, is_old != 0))
				continue;
			(void)snprintf(label, sizeof label, "%s%s",
				s != GANTT_SERVING ? ""
				: is_old != 0      ? "old, "
						   : "new, ",
				gantt_state_label(s, p->plan->inputs.platform));
			canvas->ops->rect(
				canvas, paint_of(s, is_old != 0), x, p->legend_y + 8, 12, 10);
			canvas->ops->text(canvas, PAINT_INK, x + 17, p->legend_y + 17, 11, false,
				ANCHOR_START, label);
			x += 17 + canvas_text_width(label, 11) + 14;
		}
	}
}

static void draw(const struct picture *p, struct canvas *canvas)
{
	canvas->ops->rect(canvas, PAINT_PAPER, 0, 0, WIDTH, p->height);
	draw_heading(p, canvas);
	draw_axis(p, canvas);
	draw_phases(p, canvas);
	for (unsigned i = 0; i < p->gantt.row_count; i++)
		draw_row(p, canvas, &p->gantt.rows[i], p->rows_y + ROW_HEIGHT * i);
	draw_legend(p, canvas);
}

int gantt_picture_write_svg(const struct time_plan *plan, FILE *out)
{
	char title[320], description[256];
	struct picture picture;
	struct svg_canvas svg;

	layout(&picture, plan);
	title_of(&picture, title, sizeof title);
	describe(&picture, description, sizeof description);
	svg_canvas_begin(&svg, out, WIDTH, picture.height, title, description);
	draw(&picture, &svg.canvas);
	svg_canvas_end(&svg);
	return ferror(out) ? -EIO : 0;
}

int gantt_picture_write_png(const struct time_plan *plan, FILE *out)
{
	struct picture picture;
	struct png_canvas png;
	int r;

	layout(&picture, plan);
	r = png_canvas_begin(&png, WIDTH, picture.height);
	if (r < 0)
		return r;
	draw(&picture, &png.canvas);
	return png_canvas_end(&png, out);
}

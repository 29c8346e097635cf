/* SPDX-License-Identifier: MIT */
/* The times of the picture: its scale, the phases of the stop as shades, its marks as upright lines. */
#include "host/core/seconds_text.h"
#include "drill/output/picture_layout.h"

#include <stdio.h>

#define LABEL_SIZE 11
#define LABEL_ROWS 3
#define LABEL_ROW_HEIGHT 15

static const struct shown_mark {
	enum run_mark mark;
	enum paint paint;
	bool is_dashed;
} shown[] = {
	{MARK_SIGNAL, PAINT_INK, false},
	{MARK_UNHEALTHY, PAINT_FAINT, true},
	{MARK_LISTENER_CLOSED, PAINT_FAINT, true},
	{MARK_EXIT, PAINT_INK, false},
	{MARK_DEADLINE, PAINT_FAIL, true},
};
#define SHOWN_COUNT (sizeof(shown) / sizeof(*shown))

static void add_shade(const struct picture *p, struct picture_shades *shades, enum paint paint,
	const char *label, drill_us_t from, drill_us_t to)
{
	const double x = picture_x(p, from), end = picture_x(p, to);

	if (from < to && end - x >= 0.5)
		shades->shades[shades->count++] = (struct picture_shade){paint, label, x, end};
}

struct picture_shades picture_shades_of(const struct picture *p)
{
	const drill_us_t *marks = p->run->marks;
	const drill_us_t exit = marks[MARK_EXIT], closed = marks[MARK_LISTENER_CLOSED];
	const drill_us_t unhealthy = marks[MARK_UNHEALTHY];
	struct picture_shades shades = {.count = 0};

	if (exit == DRILL_NEVER && closed == DRILL_NEVER)
		return shades;
	add_shade(p, &shades, PAINT_LAME_DUCK, "unhealthy, still accepting", unhealthy,
		closed < exit ? closed : exit);
	add_shade(p, &shades, PAINT_DRAINING, "listener closed, draining", closed, exit);
	if (p->run->numbers.refused_while_healthy > 0)
		add_shade(p, &shades, PAINT_WALL, "refused while healthy", closed,
			unhealthy < exit ? unhealthy : exit);
	return shades;
}

static void draw_shades(const struct picture *p, struct canvas *canvas)
{
	const struct picture_shades shades = picture_shades_of(p);

	for (unsigned i = 0; i < shades.count; i++)
		canvas->ops->rect(canvas, shades.shades[i].paint, shades.shades[i].x, p->plot_y,
			shades.shades[i].end - shades.shades[i].x, p->plot_end - p->plot_y);
}

static void draw_ticks(const struct picture *p, struct canvas *canvas)
{
	const double label_y = p->plot_end + 16;

	canvas->ops->strokes(canvas, PAINT_RULE, 1, false);
	for (drill_us_t t = axis_first_tick(&p->axis); t <= p->axis.to; t += p->axis.step)
		canvas->ops->stroke(
			canvas, picture_x(p, t), p->plot_y, picture_x(p, t), p->plot_end + 4);
	canvas->ops->strokes_end(canvas);
	for (drill_us_t t = axis_first_tick(&p->axis); t <= p->axis.to; t += p->axis.step) {
		char label[32];

		/* All in one unit, by their distance: 0.5 s beside 1 s, and no 500 ms. */
		if (p->axis.step < 100000)
			snprintf(label, sizeof(label), "%g ms", (double)t / 1e3);
		else
			snprintf(label, sizeof(label), "%g s", (double)t / 1e6);
		canvas->ops->text(canvas, PAINT_FAINT, picture_x(p, t), label_y, LABEL_SIZE, false,
			ANCHOR_MIDDLE, label);
	}
}

/* The topmost row in which the label does not run into one that is there already. Where all are taken,
 * the last one: overlapping text is bad, and no text is worse. */
static unsigned free_row(const double *row_ends, double x)
{
	for (unsigned row = 0; row < LABEL_ROWS; row++) {
		if (x >= row_ends[row])
			return row;
	}
	return LABEL_ROWS - 1;
}

static bool is_shown(const struct picture *p, enum run_mark mark)
{
	return p->run->marks[mark] != DRILL_NEVER &&
	       (mark != MARK_DEADLINE || p->axis.has_deadline);
}

static void draw_line(const struct picture *p, struct canvas *canvas, const struct shown_mark *mark)
{
	const double x = picture_x(p, p->run->marks[mark->mark]);

	canvas_line(canvas, mark->paint, 1.5, mark->is_dashed, x, p->marks_y, x, p->plot_end + 4);
}

/* On paper of its own, so that no line runs through it. */
static void draw_label(const struct picture *p, struct canvas *canvas,
	const struct shown_mark *mark, double row_ends[LABEL_ROWS])
{
	const double x = picture_x(p, p->run->marks[mark->mark]);
	char label[64], at[SECONDS_TEXT_BYTES];
	double left = x + 3, width, y;
	unsigned row;

	if (mark->mark == MARK_SIGNAL)
		snprintf(label, sizeof(label), "%s", run_mark_label(p->run, mark->mark));
	else
		snprintf(label, sizeof(label), "%s %s", run_mark_label(p->run, mark->mark),
			seconds_text(at, (double)p->run->marks[mark->mark] / 1e6));
	width = canvas_text_width(label, LABEL_SIZE) + 4;
	if (left + width > PICTURE_WIDTH)
		left = x - 3 - width;
	row = free_row(row_ends, left);
	row_ends[row] = left + width + 6;
	y = p->marks_y + 11 + LABEL_ROW_HEIGHT * row;
	canvas->ops->rect(canvas, PAINT_PAPER, left, y - 11, width, LABEL_ROW_HEIGHT - 1);
	canvas->ops->text(canvas, mark->paint, left + 2, y, LABEL_SIZE, true, ANCHOR_START, label);
}

/* Too far away to be shown to scale. */
static void draw_far_deadline(const struct picture *p, struct canvas *canvas)
{
	char label[64], at[SECONDS_TEXT_BYTES];

	snprintf(label, sizeof(label), "deadline %s →",
		seconds_text(at, (double)p->run->marks[MARK_DEADLINE] / 1e6));
	canvas->ops->text(canvas, PAINT_FAINT, PICTURE_RIGHT, p->plot_end + 30, LABEL_SIZE, false,
		ANCHOR_END, label);
}

void picture_draw_marks(const struct picture *p, struct canvas *canvas)
{
	double row_ends[LABEL_ROWS] = {0};

	draw_shades(p, canvas);
	draw_ticks(p, canvas);
	for (unsigned i = 0; i < SHOWN_COUNT; i++) {
		if (is_shown(p, shown[i].mark))
			draw_line(p, canvas, &shown[i]);
	}
	for (unsigned i = 0; i < SHOWN_COUNT; i++) {
		if (is_shown(p, shown[i].mark))
			draw_label(p, canvas, &shown[i], row_ends);
	}
	if (p->run->marks[MARK_DEADLINE] != DRILL_NEVER && !p->axis.has_deadline)
		draw_far_deadline(p, canvas);
}

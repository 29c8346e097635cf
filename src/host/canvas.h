/* SPDX-License-Identifier: MIT */
/* What a picture is drawn on. The picture knows what is where, a canvas how it gets into a file. */
#pragma once

#include "host/paint.h"

#include <stdbool.h>

enum anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };

struct canvas;

/* In pixels from the upper left corner. Nothing is kept of the strings. */
struct canvas_ops {
	/* What belongs together, with a text for screen readers and for the pointer. */
	void (*group)(struct canvas *canvas, const char *title);
	void (*group_end)(struct canvas *canvas);
	void (*rect)(struct canvas *canvas, enum paint paint, double x, double y, double width,
		double height);
	/* Many lines of one colour: lines between strokes and strokes_end. */
	void (*strokes)(struct canvas *canvas, enum paint paint, double width, bool is_dashed);
	void (*stroke)(struct canvas *canvas, double x1, double y1, double x2, double y2);
	void (*strokes_end)(struct canvas *canvas);
	/* y is the text's baseline. */
	void (*text)(struct canvas *canvas, enum paint paint, double x, double y, double size,
		bool is_bold, enum anchor anchor, const char *text);
};

struct canvas {
	const struct canvas_ops *ops;
};

/* About how wide a text of this size is; the fonts of two viewers are never quite the same. */
double canvas_text_width(const char *text, double size);
void canvas_line(struct canvas *canvas, enum paint paint, double width, bool is_dashed, double x1,
	double y1, double x2, double y2);

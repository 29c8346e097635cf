/* SPDX-License-Identifier: MIT */
#include "host/canvas.h"

/* A sans-serif's letters are a bit more than half as wide as they are high. */
double canvas_text_width(const char *text, double size)
{
	unsigned letters = 0;

	for (; *text != '\0'; text++)
		letters += (*text & 0xC0) != 0x80; /* continuation bytes of UTF-8 are no letters */
	return 0.62 * size * letters;
}

void canvas_line(struct canvas *canvas, enum paint paint, double width, bool is_dashed, double x1,
	double y1, double x2, double y2)
{
	canvas->ops->strokes(canvas, paint, width, is_dashed);
	canvas->ops->stroke(canvas, x1, y1, x2, y2);
	canvas->ops->strokes_end(canvas);
}

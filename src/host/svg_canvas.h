/* SPDX-License-Identifier: MIT */
/* A canvas whose drawing is an SVG image: no script, nothing from elsewhere, a title and a description,
 * colours for light and dark backgrounds. */
#pragma once

#include "host/canvas.h"

#include <stdio.h>

struct svg_canvas {
	struct canvas canvas; /* to draw on, between begin and end */
	FILE *out;
};

/* Writes the head of the image, in pixels. Errors are out's own (ferror). */
void svg_canvas_begin(struct svg_canvas *ret_svg, FILE *out, double width, double height,
	const char *title, const char *description);
void svg_canvas_end(struct svg_canvas *svg);

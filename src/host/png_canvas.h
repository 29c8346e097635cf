/* SPDX-License-Identifier: MIT */
/* A canvas whose drawing is a PNG image with light colours, twice as large as its pixels say. */
#pragma once

#include "host/canvas.h"

#include <cairo.h>
#include <stdio.h>

struct png_canvas {
	struct canvas canvas; /* to draw on, between begin and end */
	cairo_surface_t *surface;
	cairo_t *cairo;
};

void png_canvas_begin(struct png_canvas *ret_png, double width, double height);

/* Writes the image, and frees what begin made. Returns 0, -ENOMEM or -EIO. */
int png_canvas_end(struct png_canvas *png, FILE *out);

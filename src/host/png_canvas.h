/* SPDX-License-Identifier: MIT */
/* A canvas whose drawing is a PNG image with light colours, twice as large as its pixels say. */
#pragma once

#include "host/cairo_library.h"
#include "host/canvas.h"

#include <stdbool.h>
#include <stdio.h>

struct png_canvas {
	struct canvas canvas; /* to draw on, between begin and end */
	const struct cairo_library *library;
	cairo_surface_t *surface;
	cairo_t *cairo;
};

/* Whether images can be drawn, which needs cairo at run time. What to say where they cannot. */
bool png_canvas_is_available(void);
#define PNG_CANVAS_UNAVAILABLE "a PNG image needs cairo, and libcairo.so.2 cannot be loaded"

/* Returns 0, or -ELIBACC where cairo cannot be loaded, with nothing to end. */
int png_canvas_begin(struct png_canvas *ret_png, double width, double height);

/* Writes the image, and frees what begin made. Returns 0, -ENOMEM or -EIO. */
int png_canvas_end(struct png_canvas *png, FILE *out);

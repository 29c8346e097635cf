/* SPDX-License-Identifier: MIT */
/* The functions of cairo that draw a PNG image. cairo is loaded when the first image is asked for: cairo and
 * the 20 libraries that it needs take more memory and time than most commands that draw none. */
#pragma once

#include <cairo.h>

/* Each member has the name of its function without "cairo_". */
struct cairo_library {
	__typeof__(cairo_create) *create;
	__typeof__(cairo_destroy) *destroy;
	__typeof__(cairo_fill) *fill;
	__typeof__(cairo_image_surface_create) *image_surface_create;
	__typeof__(cairo_line_to) *line_to;
	__typeof__(cairo_move_to) *move_to;
	__typeof__(cairo_rectangle) *rectangle;
	__typeof__(cairo_scale) *scale;
	__typeof__(cairo_select_font_face) *select_font_face;
	__typeof__(cairo_set_dash) *set_dash;
	__typeof__(cairo_set_font_size) *set_font_size;
	__typeof__(cairo_set_line_width) *set_line_width;
	__typeof__(cairo_set_source_rgb) *set_source_rgb;
	__typeof__(cairo_show_text) *show_text;
	__typeof__(cairo_status) *status;
	__typeof__(cairo_stroke) *stroke;
	__typeof__(cairo_surface_destroy) *surface_destroy;
	__typeof__(cairo_surface_write_to_png_stream) *surface_write_to_png_stream;
	__typeof__(cairo_text_extents) *text_extents;
};

/* Loads cairo where it is not loaded yet. Returns NULL where it cannot be. Not thread-safe. */
const struct cairo_library *cairo_library_load(void);

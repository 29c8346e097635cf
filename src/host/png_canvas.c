/* SPDX-License-Identifier: MIT */
#include "host/png_canvas.h"

#include <errno.h>
#include <math.h>

#define SCALE 2

static cairo_t *cairo_of(struct canvas *canvas)
{
	return ((struct png_canvas *)canvas)->cairo;
}

static void set_paint(cairo_t *cairo, enum paint paint)
{
	const unsigned colour = paint_colours(paint).light;

	cairo_set_source_rgb(cairo, (colour >> 16) / 255.0, (colour >> 8 & 0xFF) / 255.0,
		(colour & 0xFF) / 255.0);
}

static void png_group(struct canvas *canvas, const char *title)
{
	(void)canvas;
	(void)title;
}

static void png_group_end(struct canvas *canvas)
{
	(void)canvas;
}

static void png_rect(
	struct canvas *canvas, enum paint paint, double x, double y, double width, double height)
{
	set_paint(cairo_of(canvas), paint);
	cairo_rectangle(cairo_of(canvas), x, y, width, height);
	cairo_fill(cairo_of(canvas));
}

static void png_strokes(struct canvas *canvas, enum paint paint, double width, bool is_dashed)
{
	const double dashes[] = {4, 3};

	set_paint(cairo_of(canvas), paint);
	cairo_set_line_width(cairo_of(canvas), width);
	cairo_set_dash(cairo_of(canvas), dashes, is_dashed ? 2 : 0, 0);
}

static void png_stroke(struct canvas *canvas, double x1, double y1, double x2, double y2)
{
	cairo_move_to(cairo_of(canvas), x1, y1);
	cairo_line_to(cairo_of(canvas), x2, y2);
}

static void png_strokes_end(struct canvas *canvas)
{
	cairo_stroke(cairo_of(canvas));
}

static void png_text(struct canvas *canvas, enum paint paint, double x, double y, double size,
	bool is_bold, enum anchor anchor, const char *text)
{
	static const double shares[] = {
		[ANCHOR_START] = 0, [ANCHOR_MIDDLE] = 0.5, [ANCHOR_END] = 1};
	cairo_text_extents_t extents;

	set_paint(cairo_of(canvas), paint);
	cairo_select_font_face(cairo_of(canvas), "sans-serif", CAIRO_FONT_SLANT_NORMAL,
		is_bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(cairo_of(canvas), size);
	cairo_text_extents(cairo_of(canvas), text, &extents);
	cairo_move_to(cairo_of(canvas), x - shares[anchor] * extents.x_advance, y);
	cairo_show_text(cairo_of(canvas), text);
}

static const struct canvas_ops png_ops = {
	png_group, png_group_end, png_rect, png_strokes, png_stroke, png_strokes_end, png_text};

static cairo_status_t write_bytes(void *out, const unsigned char *bytes, unsigned len)
{
	return fwrite(bytes, 1, len, out) == len ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

void png_canvas_begin(struct png_canvas *png, double width, double height)
{
	*png = (struct png_canvas){.canvas = {&png_ops}};
	png->surface = cairo_image_surface_create(
		CAIRO_FORMAT_RGB24, (int)ceil(SCALE * width), (int)ceil(SCALE * height));
	png->cairo = cairo_create(png->surface);
	cairo_scale(png->cairo, SCALE, SCALE);
}

int png_canvas_end(struct png_canvas *png, FILE *out)
{
	cairo_status_t status = cairo_status(png->cairo);

	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_write_to_png_stream(png->surface, write_bytes, out);
	cairo_destroy(png->cairo);
	cairo_surface_destroy(png->surface);
	return status == CAIRO_STATUS_SUCCESS     ? 0
	       : status == CAIRO_STATUS_NO_MEMORY ? -ENOMEM
						  : -EIO;
}

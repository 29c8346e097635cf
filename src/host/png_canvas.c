/* SPDX-License-Identifier: MIT */
#include "host/png_canvas.h"

#include <errno.h>
#include <math.h>

#define SCALE 2

static const struct png_canvas *png_of(const struct canvas *canvas)
{
	return (const struct png_canvas *)canvas;
}

static void set_paint(const struct png_canvas *png, enum paint paint)
{
	const unsigned colour = paint_colours(paint).light;

	png->library->set_source_rgb(png->cairo, (colour >> 16) / 255.0,
		(colour >> 8 & 0xFF) / 255.0, (colour & 0xFF) / 255.0);
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
	const struct png_canvas *png = png_of(canvas);

	set_paint(png, paint);
	png->library->rectangle(png->cairo, x, y, width, height);
	png->library->fill(png->cairo);
}

static void png_strokes(struct canvas *canvas, enum paint paint, double width, bool is_dashed)
{
	const struct png_canvas *png = png_of(canvas);
	const double dashes[] = {4, 3};

	set_paint(png, paint);
	png->library->set_line_width(png->cairo, width);
	png->library->set_dash(png->cairo, dashes, is_dashed ? 2 : 0, 0);
}

static void png_stroke(struct canvas *canvas, double x1, double y1, double x2, double y2)
{
	const struct png_canvas *png = png_of(canvas);

	png->library->move_to(png->cairo, x1, y1);
	png->library->line_to(png->cairo, x2, y2);
}

static void png_strokes_end(struct canvas *canvas)
{
	const struct png_canvas *png = png_of(canvas);

	png->library->stroke(png->cairo);
}

static void png_text(struct canvas *canvas, enum paint paint, double x, double y, double size,
	bool is_bold, enum anchor anchor, const char *text)
{
	const struct png_canvas *png = png_of(canvas);
	static const double shares[] = {
		[ANCHOR_START] = 0, [ANCHOR_MIDDLE] = 0.5, [ANCHOR_END] = 1};
	cairo_text_extents_t extents;

	set_paint(png, paint);
	png->library->select_font_face(png->cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
		is_bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
	png->library->set_font_size(png->cairo, size);
	png->library->text_extents(png->cairo, text, &extents);
	png->library->move_to(png->cairo, x - shares[anchor] * extents.x_advance, y);
	png->library->show_text(png->cairo, text);
}

static const struct canvas_ops png_ops = {
	png_group, png_group_end, png_rect, png_strokes, png_stroke, png_strokes_end, png_text};

static cairo_status_t write_bytes(void *out, const unsigned char *bytes, unsigned len)
{
	return fwrite(bytes, 1, len, out) == len ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

bool png_canvas_is_available(void)
{
	return cairo_library_load() != NULL;
}

int png_canvas_begin(struct png_canvas *ret_png, double width, double height)
{
	const struct cairo_library *library = cairo_library_load();
	struct png_canvas *png = ret_png;

	if (!library)
		return -ELIBACC;
	*png = (struct png_canvas){.canvas = {&png_ops}, .library = library};
	png->surface = library->image_surface_create(
		CAIRO_FORMAT_RGB24, (int)ceil(SCALE * width), (int)ceil(SCALE * height));
	png->cairo = library->create(png->surface);
	library->scale(png->cairo, SCALE, SCALE);
	return 0;
}

int png_canvas_end(struct png_canvas *png, FILE *out)
{
	const struct cairo_library *library = png->library;
	cairo_status_t status = library->status(png->cairo);

	if (status == CAIRO_STATUS_SUCCESS)
		status = library->surface_write_to_png_stream(png->surface, write_bytes, out);
	library->destroy(png->cairo);
	library->surface_destroy(png->surface);
	return status == CAIRO_STATUS_SUCCESS     ? 0
	       : status == CAIRO_STATUS_NO_MEMORY ? -ENOMEM
						  : -EIO;
}

/* SPDX-License-Identifier: MIT */
#include "host/svg_canvas.h"

#include "host/markup.h"

#include <math.h>

static FILE *out_of(struct canvas *canvas)
{
	return ((struct svg_canvas *)canvas)->out;
}

/* A tenth of a pixel is exact enough; whole numbers are without a point. */
static double tenths(double pixels)
{
	return round(pixels * 10) / 10 + 0.0; /* and no -0 */
}

static void svg_group(struct canvas *canvas, const char *title)
{
	fputs("<g><title>", out_of(canvas));
	markup_xml(out_of(canvas), title);
	fputs("</title>", out_of(canvas));
}

static void svg_group_end(struct canvas *canvas)
{
	fputs("</g>\n", out_of(canvas));
}

static void svg_rect(
	struct canvas *canvas, enum paint paint, double x, double y, double width, double height)
{
	fprintf(out_of(canvas),
		"<rect class=\"f%d\" x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\"/>\n", paint,
		tenths(x), tenths(y), tenths(width), tenths(height));
}

static void svg_strokes(struct canvas *canvas, enum paint paint, double width, bool is_dashed)
{
	fprintf(out_of(canvas), "<path class=\"s%d\" stroke-width=\"%g\"%s d=\"", paint,
		tenths(width), is_dashed ? " stroke-dasharray=\"4 3\"" : "");
}

static void svg_stroke(struct canvas *canvas, double x1, double y1, double x2, double y2)
{
	FILE *out = out_of(canvas);

	fprintf(out, "M%g %g", tenths(x1), tenths(y1));
	if (tenths(x1) == tenths(x2))
		fprintf(out, "v%g", tenths(y2 - y1));
	else if (tenths(y1) == tenths(y2))
		fprintf(out, "h%g", tenths(x2 - x1));
	else
		fprintf(out, "l%g %g", tenths(x2 - x1), tenths(y2 - y1));
}

static void svg_strokes_end(struct canvas *canvas)
{
	fputs("\"/>\n", out_of(canvas));
}

static void svg_text(struct canvas *canvas, enum paint paint, double x, double y, double size,
	bool is_bold, enum anchor anchor, const char *text)
{
	static const char *const anchors[] = {
		[ANCHOR_START] = "",
		[ANCHOR_MIDDLE] = " text-anchor=\"middle\"",
		[ANCHOR_END] = " text-anchor=\"end\"",
	};

	fprintf(out_of(canvas), "<text class=\"f%d\" x=\"%g\" y=\"%g\" font-size=\"%g\"%s%s>",
		paint, tenths(x), tenths(y), size, is_bold ? " font-weight=\"600\"" : "",
		anchors[anchor]);
	markup_xml(out_of(canvas), text);
	fputs("</text>\n", out_of(canvas));
}

static const struct canvas_ops svg_ops = {
	svg_group, svg_group_end, svg_rect, svg_strokes, svg_stroke, svg_strokes_end, svg_text};

static void put_colours(FILE *out, bool is_dark)
{
	for (unsigned p = 0; p < PAINT_COUNT; p++) {
		const struct paint_colours c = paint_colours(p);
		const unsigned colour = is_dark ? c.dark : c.light;

		fprintf(out, ".f%u{fill:#%06x}.s%u{stroke:#%06x}", p, colour, p, colour);
	}
}

void svg_canvas_begin(struct svg_canvas *svg, FILE *out, double width, double height,
	const char *title, const char *description)
{
	*svg = (struct svg_canvas){.canvas = {&svg_ops}, .out = out};
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%g\" viewBox=\"0 "
		"0 "
		"%g %g\" role=\"img\" aria-labelledby=\"title desc\">\n<title id=\"title\">",
		tenths(width), tenths(height), tenths(width), tenths(height));
	markup_xml(out, title);
	fputs("</title>\n<desc id=\"desc\">", out);
	markup_xml(out, description);
	fputs("</desc>\n<style>text{font-family:system-ui,-apple-system,\"Segoe UI\",\"DejaVu "
	      "Sans\",sans-serif}path{fill:none}",
		out);
	put_colours(out, false);
	fputs("\n@media(prefers-color-scheme:dark){", out);
	put_colours(out, true);
	fputs("}</style>\n", out);
}

void svg_canvas_end(struct svg_canvas *svg)
{
	fputs("</svg>\n", svg->out);
}

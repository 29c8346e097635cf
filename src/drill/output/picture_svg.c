/* SPDX-License-Identifier: MIT */
#include "drill/core/clean_text.h"
#include "drill/output/markup.h"
#include "drill/output/picture.h"
#include "drill/output/picture_layout.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

struct svg {
	struct canvas canvas;
	FILE *out;
};

static FILE *out_of(struct canvas *canvas)
{
	return ((struct svg *)canvas)->out;
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

static void put_head(const struct picture *picture, FILE *out)
{
	char description[1024];

	picture_describe(picture, description, sizeof(description));
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%g\" viewBox=\"0 "
		"0 "
		"%d %g\" role=\"img\" aria-labelledby=\"title desc\">\n<title id=\"title\">",
		PICTURE_WIDTH, tenths(picture->height), PICTURE_WIDTH, tenths(picture->height));
	fprintf(out, "%s: ", verdict_name(picture->result->verdict));
	markup_xml(out, picture->result->target);
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

/* Returns the bytes in *ret_svg, which is to be freed, or -ENOMEM. */
static int svg_make(
	const struct drill_result *result, unsigned columns, char **ret_svg, size_t *ret_len)
{
	struct svg svg = {.canvas = {&svg_ops}};
	struct picture *picture = picture_new(result, columns);

	if (!picture)
		return -ENOMEM;
	svg.out = open_memstream(ret_svg, ret_len);
	if (svg.out) {
		put_head(picture, svg.out);
		picture_draw(picture, &svg.canvas);
		fputs("</svg>\n", svg.out);
	}
	free(picture);
	return svg.out && fclose(svg.out) == 0 ? 0 : -ENOMEM;
}

/* Half the columns are half the bytes: twice is enough for every column of every lane in every colour. */
int picture_write_svg(const struct drill_result *result, FILE *out)
{
	for (unsigned columns = LANE_MAX_COLUMNS;; columns /= 2) {
		char *bytes = NULL;
		size_t len = 0;
		int r = svg_make(result, columns, &bytes, &len);

		if (r == 0 && len >= PICTURE_SVG_MAX_BYTES && columns > 50) {
			free(bytes);
			continue;
		}
		if (r == 0 && fwrite(bytes, 1, len, out) != len)
			r = -errno;
		free(bytes);
		return r;
	}
}

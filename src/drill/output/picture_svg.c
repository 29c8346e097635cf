/* SPDX-License-Identifier: MIT */
#include "drill/output/picture.h"
#include "drill/output/picture_layout.h"
#include "host/svg_canvas.h"

#include <errno.h>
#include <stdlib.h>

static void draw(const struct picture *picture, FILE *out)
{
	char title[DRILL_TEXT_BYTES + 32], description[1024];
	struct svg_canvas svg;

	picture_describe(picture, description, sizeof(description));
	snprintf(title, sizeof(title), "%s: %s", verdict_name(picture->result->verdict),
		picture->result->target);
	svg_canvas_begin(&svg, out, PICTURE_WIDTH, picture->height, title, description);
	picture_draw(picture, &svg.canvas);
	svg_canvas_end(&svg);
}

/* Returns the bytes in *ret_svg, which is to be freed, or -ENOMEM. */
static int svg_make(
	const struct drill_result *result, unsigned columns, char **ret_svg, size_t *ret_len)
{
	struct picture *picture = picture_new(result, columns);
	FILE *out;

	if (!picture)
		return -ENOMEM;
	out = open_memstream(ret_svg, ret_len);
	if (out)
		draw(picture, out);
	free(picture);
	return out && fclose(out) == 0 ? 0 : -ENOMEM;
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

/* SPDX-License-Identifier: MIT */
#include "drill/output/picture.h"
#include "drill/output/picture_layout.h"
#include "host/png_canvas.h"

#include <errno.h>
#include <stdlib.h>

int picture_write_png(const struct drill_result *result, FILE *out)
{
	struct picture *picture = picture_new(result, LANE_MAX_COLUMNS);
	struct png_canvas png;
	int r;

	if (!picture)
		return -ENOMEM;
	r = png_canvas_begin(&png, PICTURE_WIDTH, picture->height);
	if (r == 0)
		picture_draw(picture, &png.canvas);
	free(picture);
	return r < 0 ? r : png_canvas_end(&png, out);
}

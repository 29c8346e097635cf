/* SPDX-License-Identifier: MIT */
/* Where the parts of the picture are. One is made for each picture, and drawn on any canvas. */
#pragma once

#include "host/canvas.h"
#include "drill/core/drill_result.h"
#include "drill/core/lane.h"

#define PICTURE_WIDTH 960
#define PICTURE_LEFT 148 /* of the plot: what is left of it are the names of its lanes */
#define PICTURE_RIGHT 936
#define PICTURE_LEGEND_ROW 17

struct picture_lane {
	double y, height; /* of the room for what is drawn */
	double baseline; /* what was answered stands on it, what failed hangs from it */
	unsigned line_count;
	struct lane_line lines[LANE_MAX_LINES]; /* only of requests in flight */
	struct lane lane;
};

struct picture {
	const struct drill_result *result;
	const struct run *run; /* the worst one; NULL: there is none, and so no plot */
	struct axis axis;
	unsigned lane_count;
	struct picture_lane lanes[COHORT_COUNT]; /* those with attempts */
	double marks_y, plot_y, plot_end, runs_y, legend_y, height;
};

/* columns: of a lane. Returns a picture to free(3), or NULL without memory. */
struct picture *picture_new(const struct drill_result *result, unsigned columns);

void picture_draw(const struct picture *picture, struct canvas *canvas);
void picture_draw_lanes(const struct picture *picture, struct canvas *canvas);
void picture_draw_marks(const struct picture *picture, struct canvas *canvas);

/* The phases of the stop that are wide enough to be seen: where, and what the legend calls them. */
struct picture_shades {
	struct picture_shade {
		enum paint paint;
		const char *label;
		double x, end;
	} shades[3];
	unsigned count;
};

struct picture_shades picture_shades_of(const struct picture *picture);

double picture_x(const struct picture *picture, drill_us_t moment);

/* What it shows, in a sentence or two. Writes at most cap bytes with the NUL. */
void picture_describe(const struct picture *picture, char *ret_text, size_t cap);

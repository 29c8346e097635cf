/* SPDX-License-Identifier: MIT */
/* The timeline as a picture: SVG for light and dark backgrounds, PNG with light colours. */
#pragma once

#include "plan/core/time_plan.h"

#include <stdio.h>

/* Of the upper estimate, which is not stuck. Return 0 or -errno. */
int gantt_picture_write_svg(const struct time_plan *plan, FILE *out);
int gantt_picture_write_png(const struct time_plan *plan, FILE *out);

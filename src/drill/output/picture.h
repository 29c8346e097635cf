/* SPDX-License-Identifier: MIT */
/* The timeline of the worst run, with all runs beside it: what became of each cohort when, and when
 * the server did what. docs/drill.md says how to read it. */
#pragma once

#include "drill/core/drill_result.h"

#include <stdio.h>

/* No script, nothing from elsewhere, a title and a description, colours for light and dark
 * backgrounds; below this size whatever there was to draw. Returns 0 or -ENOMEM. */
#define PICTURE_SVG_MAX_BYTES 100000
int picture_write_svg(const struct drill_result *result, FILE *out);

/* The same with light colours, twice as large as its pixels say. Returns 0 or -errno. */
int picture_write_png(const struct drill_result *result, FILE *out);

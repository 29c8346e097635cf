/* SPDX-License-Identifier: MIT */
/* The colours of pictures, for light and dark backgrounds. Those of outcomes follow Okabe and Ito
 * (jfly.uni-koeln.de/color), which people with every kind of colour vision can tell apart. */
#pragma once

#include "drill/core/outcome_group.h"

enum paint {
	PAINT_PAPER,
	PAINT_INK,
	PAINT_FAINT, /* text that is looked for, not looked at */
	PAINT_RULE,
	PAINT_LAME_DUCK,
	PAINT_DRAINING,
	PAINT_WALL, /* refused, while the health endpoint still said that all is well */
	PAINT_PASS,
	PAINT_FAIL,
	PAINT_OUTCOME, /* the first of OUTCOME_GROUP_COUNT */
	PAINT_COUNT = PAINT_OUTCOME + OUTCOME_GROUP_COUNT,
};

struct paint_colours {
	unsigned light, dark; /* 0xRRGGBB */
};

struct paint_colours paint_colours(enum paint paint);
enum paint paint_of_group(enum outcome_group group);

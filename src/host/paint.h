/* SPDX-License-Identifier: MIT */
/* The colours of pictures, for light and dark backgrounds. From PAINT_BLUE on they follow Okabe and Ito
 * (jfly.uni-koeln.de/color), which people with every kind of colour vision can tell apart. */
#pragma once

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
	PAINT_BLUE, /* from here on: kinds of one thing, which colour alone tells apart */
	PAINT_GREEN,
	PAINT_GREY,
	PAINT_GREY_TOO, /* where PAINT_GREY is taken; the two are never side by side */
	PAINT_YELLOW,
	PAINT_PINK,
	PAINT_BROWN,
	PAINT_BLACK,
	PAINT_ORANGE,
	PAINT_COUNT,
};

struct paint_colours {
	unsigned light, dark; /* 0xRRGGBB */
};

struct paint_colours paint_colours(enum paint paint);

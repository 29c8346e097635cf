/* SPDX-License-Identifier: MIT */
#include "host/paint.h"

static const struct paint_colours colours[PAINT_COUNT] = {
	[PAINT_PAPER] = {0xFFFFFF, 0x16191D},
	[PAINT_INK] = {0x1B1F24, 0xE8EAED},
	[PAINT_FAINT] = {0x59636E, 0x9BA3AD},
	[PAINT_RULE] = {0xD5D9DE, 0x3A4048},
	[PAINT_LAME_DUCK] = {0xFFF3D1, 0x453B17},
	[PAINT_DRAINING] = {0xE4EEF8, 0x223A55},
	[PAINT_WALL] = {0xFBE0D6, 0x4A2415},
	[PAINT_PASS] = {0x00694B, 0x35C79A},
	[PAINT_FAIL] = {0xB54400, 0xFF8A3D},
	[PAINT_BLUE] = {0x0072B2, 0x56B4E9},
	[PAINT_GREEN] = {0x009E73, 0x2FC79B},
	[PAINT_GREY] = {0x8F959C, 0x6E7680},
	[PAINT_GREY_TOO] = {0x8A8F96, 0x7D848C},
	[PAINT_YELLOW] = {0xD08F00, 0xE6B93C},
	[PAINT_PINK] = {0xB8568E, 0xE29AC4},
	[PAINT_BROWN] = {0x6B4A00, 0xB08A4A},
	[PAINT_BLACK] = {0x000000, 0xFFFFFF},
	[PAINT_ORANGE] = {0xD55E00, 0xFF7A2E},
};

struct paint_colours paint_colours(enum paint paint)
{
	return colours[paint];
}

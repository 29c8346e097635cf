/* SPDX-License-Identifier: MIT */
#include "drill/output/outcome_paint.h"

enum paint paint_of_group(enum outcome_group group)
{
	static const enum paint paints[OUTCOME_GROUP_COUNT] = {
		[OUTCOME_GROUP_OK] = PAINT_BLUE,
		[OUTCOME_GROUP_DRAINING] = PAINT_GREEN,
		[OUTCOME_GROUP_GONE] = PAINT_GREY,
		[OUTCOME_GROUP_CLIENT] = PAINT_GREY_TOO,
		[OUTCOME_GROUP_REFUSED] = PAINT_YELLOW,
		[OUTCOME_GROUP_ERROR] = PAINT_PINK,
		[OUTCOME_GROUP_UNANSWERED] = PAINT_BROWN,
		[OUTCOME_GROUP_TIMEOUT] = PAINT_BLACK,
		[OUTCOME_GROUP_CUT] = PAINT_ORANGE,
	};

	return paints[group];
}

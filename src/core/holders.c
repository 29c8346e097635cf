/* SPDX-License-Identifier: MIT */
#include "core/holders.h"

static const char end_names[][sizeof "finished"] = {
	[HOLDER_FINISHED] = "finished",
	[HOLDER_CUT] = "cut",
	[HOLDER_GAVE_UP] = "gave_up",
	[HOLDER_UNKNOWN] = "unknown",
};
_Static_assert(sizeof end_names / sizeof *end_names == HOLDER_END_COUNT, "an end has no name");

static bool held_longer(const struct holder *a, const struct holder *b)
{
	return a->held_ms != b->held_ms ? a->held_ms > b->held_ms : a->age_ms > b->age_ms;
}

void holders_add(struct holders *holders, const struct holder *holder)
{
	size_t place = holders->count;

	while (place > 0 && held_longer(holder, &holders->list[place - 1]))
		place--;
	if (place == HOLDERS_MAX)
		return;
	if (holders->count < HOLDERS_MAX)
		holders->count++;
	for (size_t i = holders->count - 1; i > place; i--)
		holders->list[i] = holders->list[i - 1];
	holders->list[place] = *holder;
}

const char *holder_end_name(enum holder_end end)
{
	return end_names[end];
}

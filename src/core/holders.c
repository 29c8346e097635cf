/* SPDX-License-Identifier: MIT */
#include "core/holders.h"

static bool held_longer(const struct holder *a, const struct holder *b)
{
	return a->held_ms != b->held_ms ? a->held_ms > b->held_ms : a->age_ms > b->age_ms;
}

void holders_add(struct holders *holders, const struct holder *holder)
{
	size_t place = holders->count;

	while (place > 0 && held_longer(holder, &holders->list[place - 1]))
		place--;
	holders->more += holders->count == HOLDERS_MAX;
	if (place == HOLDERS_MAX)
		return;
	if (holders->count < HOLDERS_MAX)
		holders->count++;
	for (size_t i = holders->count - 1; i > place; i--)
		holders->list[i] = holders->list[i - 1];
	holders->list[place] = *holder;
}

void holders_revise(struct holders *holders, enum connection_ending from, enum connection_ending to,
	int32_t since)
{
	for (size_t i = 0; i < holders->count; i++) {
		if (holders->list[i].ending == from && holders->list[i].held_ms >= since)
			holders->list[i].ending = to;
	}
}

/* SPDX-License-Identifier: MIT */
#include "core/tcp/blockers.h"

static bool held_longer(const struct blocker *a, const struct blocker *b)
{
	return a->held_ms != b->held_ms ? a->held_ms > b->held_ms : a->age_ms > b->age_ms;
}

void blockers_add(struct blockers *blockers, const struct blocker *blocker)
{
	size_t place = blockers->count;

	while (place > 0 && held_longer(blocker, &blockers->list[place - 1]))
		place--;
	blockers->more += blockers->count == BLOCKERS_MAX;
	if (place == BLOCKERS_MAX)
		return;
	if (blockers->count < BLOCKERS_MAX)
		blockers->count++;
	for (size_t i = blockers->count - 1; i > place; i--)
		blockers->list[i] = blockers->list[i - 1];
	blockers->list[place] = *blocker;
}

void blockers_revise(struct blockers *blockers, enum connection_ending from,
	enum connection_ending to, int32_t since)
{
	for (size_t i = 0; i < blockers->count; i++) {
		if (blockers->list[i].ending == from && blockers->list[i].held_ms >= since)
			blockers->list[i].ending = to;
	}
}

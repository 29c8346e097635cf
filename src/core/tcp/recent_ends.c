/* SPDX-License-Identifier: MIT */
#include "core/tcp/recent_ends.h"

/* One slot more than the time needs: the oldest one is in it in part. */
#define SLOT_MS ((RECENT_ENDS_MS + RECENT_ENDS_SLOTS - 2) / (RECENT_ENDS_SLOTS - 1))

void recent_ends_add(struct recent_ends *ends, enum recent_end end, msec_t now)
{
	msec_t began = now - now % SLOT_MS;
	struct recent_ends_slot *slot = &ends->slots[now / SLOT_MS % RECENT_ENDS_SLOTS];

	if (slot->began != began)
		*slot = (struct recent_ends_slot){.began = began};
	slot->count[end]++;
}

unsigned recent_ends_count(const struct recent_ends *ends, enum recent_end end, msec_t now)
{
	unsigned count = 0;

	for (unsigned i = 0; i < RECENT_ENDS_SLOTS; i++) {
		if (now - ends->slots[i].began < RECENT_ENDS_MS + SLOT_MS)
			count += ends->slots[i].count[end];
	}
	return count;
}

void recent_ends_clear(struct recent_ends *ends)
{
	*ends = (struct recent_ends){.slots = {{.began = 0}}};
}

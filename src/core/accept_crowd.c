/* SPDX-License-Identifier: MIT */
#include "core/accept_crowd.h"

#define CROWD_FRACTION 8
#define CROWD_GONE_MS 10000

bool accept_crowd_note(struct accept_crowd *crowd, size_t unanswered, size_t capacity, msec_t now)
{
	bool was_there = crowd->is_there;

	if (unanswered >= capacity / CROWD_FRACTION) {
		crowd->is_there = true;
		crowd->seen_at = now;
	} else if (now - crowd->seen_at > CROWD_GONE_MS) {
		crowd->is_there = false;
	}
	return crowd->is_there != was_there;
}

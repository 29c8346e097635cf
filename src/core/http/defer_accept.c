/* SPDX-License-Identifier: MIT */
#include "core/http/defer_accept.h"

#define DEFER_FRACTION 8
#define DEFER_GONE_MS 10000

bool defer_accept_note(struct defer_accept *defer, size_t unanswered, size_t capacity, msec_t now)
{
	bool was_there = defer->is_there;

	if (unanswered >= capacity / DEFER_FRACTION) {
		defer->is_there = true;
		defer->seen_at = now;
	} else if (now - defer->seen_at > DEFER_GONE_MS) {
		defer->is_there = false;
	}
	return defer->is_there != was_there;
}

/* SPDX-License-Identifier: MIT */
/* A heap of due times, one for each owner (a small number) at most. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timers {
	struct timer {
		int64_t due_us;
		uint32_t owner;
	} * heap;
	uint32_t *place; /* of each owner in the heap, + 1; 0: not armed */
	size_t count;
};

void timers_init(struct timers *timers, size_t owners);
void timers_set(struct timers *timers, uint32_t owner, int64_t due_us);
void timers_clear(struct timers *timers, uint32_t owner);

/* Takes out one owner that is due. */
bool timers_take_due(struct timers *timers, int64_t now_us, uint32_t *ret_owner);

/* Of the next one; INT64_MAX: none. */
int64_t timers_next_us(const struct timers *timers);

/* SPDX-License-Identifier: MIT */
#include "bench/timers.h"

#include "bench/must.h"

#include <stdlib.h>

void timers_init(struct timers *timers, size_t owners)
{
	*timers = (struct timers){
		.heap = must_calloc(owners, sizeof *timers->heap),
		.place = must_calloc(owners, sizeof *timers->place),
	};
}

static void put(struct timers *timers, size_t at, struct timer timer)
{
	timers->heap[at] = timer;
	timers->place[timer.owner] = (uint32_t)at + 1;
}

static void move_up(struct timers *timers, size_t at, struct timer timer)
{
	while (at > 0 && timers->heap[(at - 1) / 2].due_us > timer.due_us) {
		put(timers, at, timers->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	put(timers, at, timer);
}

static void move_down(struct timers *timers, size_t at, struct timer timer)
{
	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= timers->count)
			break;
		if (child + 1 < timers->count &&
			timers->heap[child + 1].due_us < timers->heap[child].due_us)
			child++;
		if (timers->heap[child].due_us >= timer.due_us)
			break;
		put(timers, at, timers->heap[child]);
		at = child;
	}
	put(timers, at, timer);
}

void timers_clear(struct timers *timers, uint32_t owner)
{
	size_t at = timers->place[owner];
	struct timer last;

	if (at-- == 0)
		return;
	timers->place[owner] = 0;
	last = timers->heap[--timers->count];
	if (at == timers->count)
		return;
	if (at > 0 && timers->heap[(at - 1) / 2].due_us > last.due_us)
		move_up(timers, at, last);
	else
		move_down(timers, at, last);
}

void timers_set(struct timers *timers, uint32_t owner, int64_t due_us)
{
	timers_clear(timers, owner);
	move_up(timers, timers->count++, (struct timer){due_us, owner});
}

bool timers_take_due(struct timers *timers, int64_t now_us, uint32_t *ret_owner)
{
	if (timers->count == 0 || timers->heap[0].due_us > now_us)
		return false;
	*ret_owner = timers->heap[0].owner;
	timers_clear(timers, *ret_owner);
	return true;
}

int64_t timers_next_us(const struct timers *timers)
{
	return timers->count == 0 ? INT64_MAX : timers->heap[0].due_us;
}

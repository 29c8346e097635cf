/* SPDX-License-Identifier: MIT */
#include "lastcall/loop_memory.h"

#include "sys/zero_pages.h"

#include <stdalign.h>
#include <stdbool.h>
#include <string.h>

/* Arrays double, so that one takes less than twice its last size in all. With LOOP_MEMORY_DESCRIPTORS
 * ready at once libev has a table of 16 KiB, events of 16 KiB at most, as many pending ones of each
 * priority, and 4 KiB of changed ones. */
#define SET_ASIDE_BYTES (176 << 10)

struct block {
	alignas(max_align_t) size_t bytes;
	alignas(max_align_t) unsigned char memory[];
};

static size_t used, blocks;
static alignas(
	max_align_t) unsigned char set_aside[SET_ASIDE_BYTES]; /* untouched, it costs nothing */

static bool is_set_aside(const struct block *block)
{
	const unsigned char *at = (const void *)block;

	return at >= set_aside && at < set_aside + sizeof set_aside;
}

static size_t whole_bytes(size_t bytes)
{
	return (sizeof(struct block) + bytes + alignof(max_align_t) - 1) &
	       ~(alignof(max_align_t) - 1);
}

/* Whatever does not fit, the table of a program started with a thousand descriptors, comes from
 * the kernel. That happens before the application is started, or never. */
static struct block *take(size_t bytes)
{
	size_t whole = whole_bytes(bytes);
	struct block *block;

	if (whole > sizeof set_aside - used)
		return zero_pages_map(whole);
	block = (void *)(set_aside + used);
	used += whole;
	blocks++;
	return block;
}

/* Single blocks do not come back, for arrays only grow; with the last one all do. */
static void give_back(struct block *block)
{
	if (!is_set_aside(block))
		zero_pages_unmap(block, whole_bytes(block->bytes));
	else if (--blocks == 0)
		used = 0;
}

void *loop_memory_resize(void *memory, long bytes)
{
	struct block *old =
		memory != NULL ? (void *)((unsigned char *)memory - sizeof(struct block)) : NULL;
	struct block *block = NULL;

	if (bytes > 0) {
		block = take((size_t)bytes);
		if (block == NULL)
			return NULL;
		block->bytes = (size_t)bytes;
		if (old != NULL)
			memcpy(block->memory, old->memory,
				old->bytes < block->bytes ? old->bytes : block->bytes);
	}
	if (old != NULL)
		give_back(old);
	return block != NULL ? block->memory : NULL;
}

size_t loop_memory_left(void)
{
	return sizeof set_aside - used;
}

/* SPDX-License-Identifier: MIT */
#include "core/tcp/cookie_map.h"

#include <string.h>

void cookie_map_init(
	struct cookie_map *map, struct tracked_conn *entries, uint32_t *index, size_t capacity)
{
	*map = (struct cookie_map){.entries = entries, .index = index, .capacity = capacity};
}

void cookie_map_rewind(struct cookie_map *map)
{
	map->cursor = 0;
}

static size_t first_place(const struct cookie_map *map, uint64_t cookie)
{
	/* cookies are a counter: multiply to spread them (Knuth's constant, 2^64 / phi) */
	return (size_t)(cookie * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (2 * map->capacity - 1);
}

/* The place of a cookie in the index, or the free one where it belongs. At most half of the places
 * are taken, so that there is always one. */
static size_t find_place(const struct cookie_map *map, uint64_t cookie)
{
	size_t place = first_place(map, cookie);

	while (map->index[place] != 0 && map->entries[map->index[place] - 1].cookie != cookie)
		place = (place + 1) & (2 * map->capacity - 1);
	return place;
}

struct tracked_conn *cookie_map_find(struct cookie_map *map, uint64_t cookie)
{
	size_t entry = map->cursor;

	if (entry >= map->count || map->entries[entry].cookie != cookie) {
		uint32_t indexed = map->index[find_place(map, cookie)];

		if (indexed == 0)
			return NULL;
		entry = indexed - 1;
	}
	map->cursor = entry + 1;
	return &map->entries[entry];
}

const struct tracked_conn *cookie_map_peek(const struct cookie_map *map, uint64_t cookie)
{
	uint32_t indexed = map->index[find_place(map, cookie)];

	return indexed != 0 ? &map->entries[indexed - 1] : NULL;
}

struct tracked_conn *cookie_map_add(struct cookie_map *map, const struct connection *row)
{
	struct tracked_conn *entry;

	if (map->count == map->capacity)
		return NULL;
	entry = &map->entries[map->count++];
	tracked_conn_init(entry, row);
	map->index[find_place(map, row->cookie)] = (uint32_t)map->count;
	return entry;
}

/* Cheaper to understand than removing from the index one by one. */
void cookie_map_keep(struct cookie_map *map, size_t kept)
{
	if (kept == map->count)
		return;
	memset(map->index, 0, 2 * map->capacity * sizeof *map->index);
	map->count = kept;
	for (size_t i = 0; i < kept; i++)
		map->index[find_place(map, map->entries[i].cookie)] = (uint32_t)i + 1;
}

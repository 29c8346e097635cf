/* SPDX-License-Identifier: MIT */
/* The connections that are followed, in the order in which they came, found by the kernel's cookie for the socket.
 * The memory is the caller's and bounded. */
#pragma once

#include "core/tcp/tracked_conn.h"

#include <stddef.h>

struct cookie_map {
	struct tracked_conn *entries;
	uint32_t *index; /* hash of cookie -> entry + 1; 0: free */
	size_t capacity, count;
	size_t cursor; /* the next one asked for is most likely the next entry: dumps keep their order */
};

/* index has 2 * capacity places; capacity is a power of two. Both are zeroed. */
void cookie_map_init(
	struct cookie_map *map, struct tracked_conn *entries, uint32_t *index, size_t capacity);

/* A dump begins: its first connection is most likely the first entry. */
void cookie_map_rewind(struct cookie_map *map);

/* The entry of a cookie; NULL: there is none. The pointer is good until cookie_map_keep. */
struct tracked_conn *cookie_map_find(struct cookie_map *map, uint64_t cookie);

/* The same, and leaves no trace. */
const struct tracked_conn *cookie_map_peek(const struct cookie_map *map, uint64_t cookie);

/* Adds an entry for the row's cookie, which must not be there yet; NULL when there is no room. */
struct tracked_conn *cookie_map_add(struct cookie_map *map, const struct connection *row);

/* The caller has moved the entries that it keeps to the front, so many of them: makes the index anew. */
void cookie_map_keep(struct cookie_map *map, size_t kept);

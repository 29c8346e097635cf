/* SPDX-License-Identifier: MIT */
/* Memory that is freed at once. lastcall-plan lives for one answer: without memory it says so and exits
 * with 2, so that no caller has to check. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks; /* the newest first */
	size_t used;
};

/* Zero-initialised is empty. */
void arena_done(struct arena *arena);

/* Zeroed, aligned for any object. Never NULL. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy with a terminating NUL. */
char *arena_copy(struct arena *arena, const char *bytes, size_t len);

/* As asprintf(3). */
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* malloc(3), calloc(3) and realloc(3) that never return NULL, for what has to grow. */
void *memory_alloc(size_t size);
void *memory_resize(void *memory, size_t count, size_t size);

/* Room for one more than `count`, which grew one by one: the list, or a larger copy of it. */
void *memory_grow(void *list, size_t count, size_t size);

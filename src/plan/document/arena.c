/* SPDX-License-Identifier: MIT */
#include "plan/document/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 1 << 11, CHUNK_BYTES = 1 << 16, ALIGNMENT = 16, EXIT_NO_MEMORY = 2 };

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;
	_Alignas(ALIGNMENT) char bytes[];
};

static _Noreturn void exit_without_memory(void)
{
	(void)fputs("lastcall-plan: error: no memory\n", stderr);
	exit(EXIT_NO_MEMORY);
}

void *memory_alloc(size_t size)
{
	void *memory = calloc(1, size > 0 ? size : 1);

	if (memory == NULL)
		exit_without_memory();
	return memory;
}

void *memory_resize(void *memory, size_t count, size_t size)
{
	void *resized = reallocarray(memory, count > 0 ? count : 1, size);

	if (resized == NULL)
		exit_without_memory();
	return resized;
}

void *memory_grow(void *list, size_t count, size_t size)
{
	if ((count & (count - 1)) != 0)
		return list; /* only a power of two is full */
	return memory_resize(list, count > 0 ? 2 * count : 1, size);
}

void arena_done(struct arena *arena)
{
	struct arena_chunk *next;

	for (struct arena_chunk *chunk = arena->chunks; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	*arena = (struct arena){0};
}

/* Each chunk is twice as large as the one before: a file may have thousands of documents. */
static size_t next_room(const struct arena *arena)
{
	const size_t last = arena->chunks ? arena->chunks->size : 0;

	if (last >= CHUNK_BYTES / 2)
		return CHUNK_BYTES;
	return last > 0 ? 2 * last : FIRST_BYTES;
}

static void arena_grow(struct arena *arena, size_t size)
{
	const size_t usual = next_room(arena);
	const size_t room = size > usual ? size : usual;
	struct arena_chunk *chunk = memory_alloc(sizeof(*chunk) + room);

	chunk->size = room;
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	arena->used = 0;
}

static void *take(struct arena *arena, size_t size)
{
	void *taken;

	if (arena->chunks == NULL || arena->chunks->size - arena->used < size)
		arena_grow(arena, size);
	taken = arena->chunks->bytes + arena->used;
	arena->used += size;
	return taken;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t misaligned = arena->used % sizeof(void *);

	if (arena->chunks && misaligned > 0 && arena->chunks->size - arena->used >= sizeof(void *))
		arena->used += sizeof(void *) - misaligned;
	else if (arena->chunks && misaligned > 0)
		arena->used = arena->chunks->size;
	return take(arena, (size + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *));
}

char *arena_copy(struct arena *arena, const char *bytes, size_t len)
{
	char *copy = take(arena, len + 1);

	memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	char *string;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0)
		exit_without_memory();
	string = take(arena, (size_t)len + 1);
	(void)vsnprintf(string, (size_t)len + 1, format, args);
	return string;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *string;

	va_start(args, format);
	string = arena_vprintf(arena, format, args);
	va_end(args);
	return string;
}

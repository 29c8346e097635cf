/* SPDX-License-Identifier: MIT */
/* malloc(3) and its like for a program that allocates before the application starts and hardly ever
 * gives back: one block after the other in chunks of pages, and a mapping of its own for what is large,
 * which stays untouched until it is used. The C library's takes 9 kB, and dirties a page for each size.
 * There is one thread. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CHUNK_BYTES ((size_t)32 << 10)
#define LARGE_BYTES ((size_t)2 << 10)
#define ALIGNMENT 16

/* Before each block. */
struct block {
	_Alignas(ALIGNMENT) size_t bytes; /* of the block alone */
};

static char *chunk_at;
static size_t chunk_left;

static void *map(size_t bytes)
{
	void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return pages != MAP_FAILED ? pages : NULL; /* errno is ENOMEM */
}

static struct block *take(size_t bytes)
{
	struct block *block;

	if (bytes > LARGE_BYTES)
		return map(bytes);
	if (bytes > chunk_left) {
		chunk_at = map(CHUNK_BYTES);
		chunk_left = chunk_at != NULL ? CHUNK_BYTES : 0;
		if (chunk_at == NULL)
			return NULL;
	}
	block = (void *)chunk_at;
	chunk_at += bytes;
	chunk_left -= bytes;
	return block;
}

static struct block *block_of(void *memory)
{
	return (struct block *)memory - 1;
}

static size_t whole_size(size_t bytes)
{
	return (sizeof(struct block) + bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
}

void *malloc(size_t bytes)
{
	struct block *block = bytes < SIZE_MAX / 2 ? take(whole_size(bytes)) : NULL;

	if (block == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	block->bytes = bytes;
	return block + 1;
}

/* Memory of a chunk is used but once, so that it is as empty as the kernel gave it. */
void *calloc(size_t count, size_t bytes)
{
	size_t all;

	if (__builtin_mul_overflow(count, bytes, &all))
		all = SIZE_MAX;
	return malloc(all);
}

void free(void *memory)
{
	if (memory != NULL && whole_size(block_of(memory)->bytes) > LARGE_BYTES)
		(void)munmap(block_of(memory), whole_size(block_of(memory)->bytes));
}

void *realloc(void *memory, size_t bytes)
{
	void *larger;

	if (memory != NULL && bytes <= block_of(memory)->bytes)
		return memory;
	larger = malloc(bytes);
	if (memory != NULL && larger != NULL) {
		memcpy(larger, memory, block_of(memory)->bytes);
		free(memory);
	}
	return larger;
}

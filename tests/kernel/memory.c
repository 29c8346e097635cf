/* SPDX-License-Identifier: MIT */
/* The static program's malloc under names of its own, beside the one that runs the test. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

void *memory_malloc(size_t bytes);
void *memory_calloc(size_t count, size_t bytes);
void *memory_realloc(void *memory, size_t bytes);
void memory_free(void *memory);

/* On both sides of what fits into a chunk, and of what gets a mapping of its own. */
static const size_t sizes[] = {0, 1, 15, 16, 17, 100, 2031, 2032, 2033, 4096, 32767, 32768, 1000000};
#define SIZES (sizeof sizes / sizeof *sizes)

static void blocks_are_aligned_empty_and_apart(void **state)
{
	unsigned char *blocks[40][SIZES];

	(void)state;
	for (size_t round = 0; round < 40; round++) {
		for (size_t i = 0; i < SIZES; i++) {
			blocks[round][i] = memory_calloc(1, sizes[i]);
			assert_non_null(blocks[round][i]);
			assert_int_equal((uintptr_t)blocks[round][i] % 16, 0);
			for (size_t at = 0; at < sizes[i]; at++)
				assert_int_equal(blocks[round][i][at], 0);
			memset(blocks[round][i], (int)(round + i + 1), sizes[i]);
		}
	}
	for (size_t round = 0; round < 40; round++) {
		for (size_t i = 0; i < SIZES; i++) {
			for (size_t at = 0; at < sizes[i]; at += sizes[i] / 100 + 1)
				assert_int_equal(blocks[round][i][at], round + i + 1);
			memory_free(blocks[round][i]);
		}
	}
}

static void block_that_grows_keeps_its_bytes(void **state)
{
	unsigned char *block = NULL;
	size_t had = 0;

	(void)state;
	for (size_t i = 1; i < SIZES; i++) {
		block = memory_realloc(block, sizes[i]);
		assert_non_null(block);
		for (size_t at = 0; at < had; at++)
			assert_int_equal(block[at], (unsigned char)at);
		for (size_t at = had; at < sizes[i]; at++)
			block[at] = (unsigned char)at;
		had = sizes[i];
	}
	assert_ptr_equal(memory_realloc(block, 1), block);
	memory_free(block);
}

static void what_cannot_be_had_is_refused(void **state)
{
	void *block = memory_malloc(100);

	(void)state;
	for (size_t shift = 0; shift < 8; shift++) {
		errno = 0;
		assert_null(memory_malloc(SIZE_MAX >> shift));
		assert_int_equal(errno, ENOMEM);
		assert_null(memory_realloc(block, SIZE_MAX >> shift));
	}
	assert_null(memory_calloc(SIZE_MAX / 4 + 1, 4)); /* 0, if it were multiplied as it is */
	memory_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_aligned_empty_and_apart),
		cmocka_unit_test(block_that_grows_keeps_its_bytes),
		cmocka_unit_test(what_cannot_be_had_is_refused),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}

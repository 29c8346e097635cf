/* SPDX-License-Identifier: MIT */
#include "core/text/fnv_hash.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

/* The test vectors of draft-eastlake-fnv, appendix C. */
static void hashes_are_those_of_the_draft(void **state)
{
	static const struct {
		const char *bytes;
		uint64_t hash;
	} rows[] = {
		{"", UINT64_C(0xcbf29ce484222325)},
		{"a", UINT64_C(0xaf63dc4c8601ec8c)},
		{"foobar", UINT64_C(0x85944171f73967e8)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_true(fnv_hash_add(FNV_HASH_START, rows[i].bytes, strlen(rows[i].bytes)) ==
			    rows[i].hash);
}

static void pieces_have_the_hash_of_the_whole(void **state)
{
	uint64_t hash = fnv_hash_add(FNV_HASH_START, "foo", 3);

	(void)state;
	assert_true(fnv_hash_add(hash, "bar", 3) == fnv_hash_add(FNV_HASH_START, "foobar", 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_those_of_the_draft),
		cmocka_unit_test(pieces_have_the_hash_of_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

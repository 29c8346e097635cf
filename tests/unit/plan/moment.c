/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/core/moment.h"

static const struct {
	const char *string;
	int64_t moment; /* -EINVAL: refused */
} rows[] = {
	{"1970-01-01T00:00:00Z", 0},
	{"1970-01-01T00:00:00.25Z", 250},
	{"2026-11-28T17:00:00Z", 1795885200000},
	{"2026-11-28 18:00:00.123456+01:00", 1795885200123},
	{"2026-11-28T12:30:00-04:30", 1795885200000},
	{"2024-02-29T23:59:59Z", 1709251199000},
	{"2000-03-01T00:00:00Z", 951868800000},
	{"2023-02-29T00:00:00Z", -EINVAL},
	{"2026-13-01T00:00:00Z", -EINVAL},
	{"2026-11-28T17:00:00", -EINVAL},
	{"2026-11-28", -EINVAL},
	{"2026-11-28T17:00:00.Z", -EINVAL},
	{"2026-11-28T17:00:00Zx", -EINVAL},
	{"1969-12-31T23:59:59Z", -EINVAL},
	{"1970-01-01T00:00:00+01:00", -EINVAL},
	{"", -EINVAL},
};

static void moments_are_read_with_their_zone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (moment_parse(rows[i].string) != rows[i].moment)
			fail_msg("'%s' is %lld", rows[i].string,
				(long long)moment_parse(rows[i].string));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(moments_are_read_with_their_zone)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

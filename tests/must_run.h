/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* LASTCALL_TESTS_MUST_RUN=1: a test that cannot run here has failed. */
static inline bool tests_must_run(void)
{
	const char *must_run = getenv("LASTCALL_TESTS_MUST_RUN");

	return must_run != NULL && strcmp(must_run, "1") == 0;
}

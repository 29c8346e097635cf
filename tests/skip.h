/* SPDX-License-Identifier: MIT */
/* How one test of a cmocka program is skipped: cmocka gives no reason, and the program exits with 0. */
#pragma once

#include "must_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Ends the running test: skipped, with the reason in the output, or failed where all tests have to run. tests/run
 * prints the reason. */
static inline void skip_test(const char *reason)
{
	if (tests_must_run())
		fail_msg("cannot run: %s", reason);
	print_message("cannot run: %s\n", reason);
	skip();
}

/* SPDX-License-Identifier: MIT */
/* A benchmark that cannot go on says why and ends. */
#pragma once

#include <stddef.h>

#define BENCH_FAILED 1 /* a requirement is not met */
#define BENCH_BROKEN 2 /* could not be measured */
#define BENCH_CANNOT_RUN 77 /* something is missing here */

_Noreturn void fail_errno(const char *what);
_Noreturn void cannot_run(const char *why);

/* The result of a system call, or the end. */
int must(int result, const char *what);

void *must_calloc(size_t count, size_t size);

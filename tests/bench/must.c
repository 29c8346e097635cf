/* SPDX-License-Identifier: MIT */
#include "bench/must.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fail_errno(const char *what)
{
	fprintf(stderr, "bench: error: %s: %s\n", what, strerror(errno));
	exit(BENCH_BROKEN);
}

void cannot_run(const char *why)
{
	fprintf(stderr, "bench: cannot run: %s\n", why);
	exit(BENCH_CANNOT_RUN);
}

int must(int result, const char *what)
{
	if (result < 0)
		fail_errno(what);
	return result;
}

void *must_calloc(size_t count, size_t size)
{
	void *memory = calloc(count > 0 ? count : 1, size);

	if (memory == NULL)
		fail_errno("calloc");
	return memory;
}

/* SPDX-License-Identifier: MIT */
/* Memory that ends where nothing may be read any more, so that even one byte of over-read kills. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define GUARD_PAGE_BYTES 65536

/* A copy of the bytes whose last one is the last readable one. Valid until the next call. */
static inline const void *guard_page_copy(const void *bytes, size_t len)
{
	static uint8_t *end;

	if (end == NULL) {
		size_t page = (size_t)sysconf(_SC_PAGESIZE);
		void *map = mmap(NULL, GUARD_PAGE_BYTES + page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (map == MAP_FAILED)
			abort();
		end = (uint8_t *)map + GUARD_PAGE_BYTES;
		if (mprotect(end, page, PROT_NONE) < 0)
			abort();
	}
	if (len > GUARD_PAGE_BYTES)
		abort();
	if (len > 0)
		memcpy(end - len, bytes, len);
	return end - len;
}

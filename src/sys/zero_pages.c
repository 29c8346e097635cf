/* SPDX-License-Identifier: MIT */
#include "sys/zero_pages.h"

#include <sys/mman.h>

void *zero_pages_map(size_t bytes)
{
	void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return pages != MAP_FAILED ? pages : NULL;
}

void zero_pages_unmap(void *pages, size_t bytes)
{
	if (pages != NULL)
		(void)munmap(pages, bytes);
}

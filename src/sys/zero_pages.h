/* SPDX-License-Identifier: MIT */
/* Memory straight from the kernel: zeroed, and resident only where it was touched. For what is set up once,
 * before the application starts, so that nothing of ours needs malloc(3). */
#pragma once

#include <stddef.h>

/* Returns memory for so many bytes, or NULL without memory. */
void *zero_pages_map(size_t bytes);

/* The same number of bytes again. NULL is none. */
void zero_pages_unmap(void *pages, size_t bytes);

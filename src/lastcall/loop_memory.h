/* SPDX-License-Identifier: MIT */
/* The memory of the event loop. libev grows its arrays when they are full, and aborts when it
 * cannot: the memory that it may need while the application runs is reserved in the program's image. */
#pragma once

#include <stddef.h>

/* The reserve is large enough for any use of descriptors below this one. */
#define LOOP_MEMORY_DESCRIPTORS 1024

/* For ev_set_allocator(3): like realloc(3), and without a block of memory when bytes is 0. */
void *loop_memory_resize(void *memory, long bytes);

/* The rest of the reserve, in bytes. */
size_t loop_memory_left(void);

/* SPDX-License-Identifier: MIT */
/* The memory of the event loop. libev grows its arrays when they are full, and aborts where it
 * cannot: what it can come to want while the application runs is set aside in our own image. */
#pragma once

#include <stddef.h>

/* All that descriptors below this one can make libev ask for is there, whatever happens to them. */
#define LOOP_MEMORY_DESCRIPTORS 1024

/* For ev_set_allocator(3): like realloc(3), and without a block of memory when bytes is 0. */
void *loop_memory_resize(void *memory, long bytes);

/* What is still set aside, in bytes. */
size_t loop_memory_left(void);

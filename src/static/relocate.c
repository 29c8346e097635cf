/* SPDX-License-Identifier: MIT */
/* Where the static program starts. A table of pointers costs 24 bytes a pointer in relocations, and
 * eight thousand bytes in all, unless they are written in their short form (DT_RELR), which musl's own
 * start knows since 1.2.4 only: so they are applied here, before it. It does not make the relocated
 * tables read-only again either (PT_GNU_RELRO): that is done here, too. */
#include <elf.h>
#include <stddef.h>
#include <stdint.h>

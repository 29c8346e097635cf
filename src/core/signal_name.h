/* SPDX-License-Identifier: MIT */
/* Signals by name and number, the same on every libc: SIGTERM, TERM, sigterm, 15, SIGRTMIN+3. */
#pragma once

#include <stddef.h>

/* Real-time signals are numbered as the kernel does, 32 to 64, whatever part of them the libc keeps
 * for itself; SIGRTMIN is 34, as glibc and docker count (musl keeps 32 to 34 and starts at 35). */
#define SIGNAL_MAX 64

/* Returns the signal's number (1 to 64), or -EINVAL. */
int signal_parse(const char *string);

/* Returns "SIGTERM", "SIGRTMIN+3", or "SIG?" for what is no signal. Never NULL. */
const char *signal_name(int signal);

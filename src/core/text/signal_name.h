/* SPDX-License-Identifier: MIT */
/* Signals by name and number, the same on every libc: SIGTERM, TERM, sigterm, 15, SIGRTMIN+3. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Real-time signals are numbered as the kernel does, 32 to 64, whatever part of them the libc keeps
 * for itself; SIGRTMIN is 34, as glibc and docker count (musl keeps 32 to 34 and starts at 35). */
#define SIGNAL_MAX 64

/* Returns the signal's number (1 to 64), or -EINVAL. */
int signal_parse(const char *string);

/* Returns "SIGTERM", "SIGRTMIN+3", or "SIG?" for what is no signal. Never NULL. */
const char *signal_name(int signal);

/* A signal's place in a set of signals as the kernel writes it; nothing for what is no signal. */
static inline uint64_t signal_bit(int signal)
{
	return signal >= 1 && signal <= SIGNAL_MAX ? UINT64_C(1) << (signal - 1) : 0;
}

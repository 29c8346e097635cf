/* SPDX-License-Identifier: MIT */
/* Whether so many connections have said nothing that the kernel shall keep the next ones until they do.
 * Values in, values out. */
#pragma once

#include "core/text/msec.h"

#include <stdbool.h>
#include <stddef.h>

struct defer_accept {
	bool is_there; /* from an eighth of all places on, and for ten seconds after the last such moment */
	msec_t seen_at;
};

/* Before one more is accepted. Returns whether that changes what is_there says. */
bool defer_accept_note(struct defer_accept *defer, size_t unanswered, size_t capacity, msec_t now);

/* SPDX-License-Identifier: MIT */
/* Who held the drain: the few connections whose work lasted longest after the stop. */
#pragma once

#include "core/connection_verdict.h"

#include <stddef.h>

#define HOLDERS_MAX 5

enum holder_end {
	HOLDER_FINISHED,
	HOLDER_CUT,
	HOLDER_GAVE_UP, /* the client ended it before the application was told */
	HOLDER_UNKNOWN, /* the detector could not tell */
	HOLDER_END_COUNT,
};

struct holder {
	uint8_t family;
	uint16_t peer_port;
	uint8_t peer[16];
	enum connection_class last_class; /* when it was last seen */
	enum holder_end end;
	int32_t held_ms; /* after the stop signal, until its work ended */
	int32_t age_ms; /* of that work then, from the last byte of its request before the stop */
	int32_t quiet_ms; /* since the last byte in either direction, then; below 0: not known */
	uint32_t queued_bytes;
};

/* Longest first. */
struct holders {
	struct holder list[HOLDERS_MAX];
	size_t count;
};

/* Keeps it if it held for longer than one of those kept. */
void holders_add(struct holders *holders, const struct holder *holder);

const char *holder_end_name(enum holder_end end);

/* SPDX-License-Identifier: MIT */
/* Which connections held the drain: the few that held it longest. */
#pragma once

#include "core/tcp/connection_end.h"
#include "core/tcp/connection_class.h"

#include <stddef.h>

#define BLOCKERS_MAX 5

struct blocker {
	uint8_t family;
	uint16_t peer_port;
	uint8_t peer[16];
	enum connection_class held_class; /* by which verdict it held it last */
	enum connection_ending ending;
	int32_t held_ms; /* after the stop signal, until its work ended */
	int32_t age_ms; /* of that work then, from the last byte of its request before the stop */
	int32_t quiet_ms; /* since the last byte in either direction, then; below 0: not known */
	uint32_t queued_bytes;
};

/* Longest first. */
struct blockers {
	struct blocker list[BLOCKERS_MAX];
	size_t count;
	unsigned more; /* that are not in the list */
};

/* Keeps it if it held for longer than one of those kept. */
void blockers_add(struct blockers *blockers, const struct blocker *blocker);

/* Those that ended so after `since`, below held_ms, ended otherwise: more is known now. */
void blockers_revise(struct blockers *blockers, enum connection_ending from,
	enum connection_ending to, int32_t since);

/* SPDX-License-Identifier: MIT */
/* A set of TCP ports: one bit for each of the 65,536. Zeroed it is empty. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PORT_SET_WORDS (65536 / 64)

struct port_set {
	unsigned count; /* of ports in it */
	uint64_t words[PORT_SET_WORDS];
};

/* Ports from first to last, both included. */
struct port_range {
	uint16_t first, last;
};

bool port_set_has(const struct port_set *set, uint16_t port);
void port_set_add(struct port_set *set, uint16_t port);
void port_set_add_range(struct port_set *set, struct port_range range);

/* The lowest port of the set that is not below `from`, or -1 when there is none. */
int port_set_next(const struct port_set *set, unsigned from);

/* The set as ranges of neighbouring ports, lowest first. Writes max of them at most, and returns how
 * many there are, or max + 1 for more than max. */
size_t port_set_ranges(const struct port_set *set, struct port_range *ret_ranges, size_t max);

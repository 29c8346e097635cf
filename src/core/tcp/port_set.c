/* SPDX-License-Identifier: MIT */
#include "core/tcp/port_set.h"

#define PORTS 65536

static uint64_t bit_of(uint16_t port)
{
	return UINT64_C(1) << port % 64;
}

bool port_set_has(const struct port_set *set, uint16_t port)
{
	return set->words[port / 64] & bit_of(port);
}

void port_set_add(struct port_set *set, uint16_t port)
{
	set->count += !port_set_has(set, port);
	set->words[port / 64] |= bit_of(port);
}

void port_set_add_range(struct port_set *set, struct port_range range)
{
	for (unsigned port = range.first; port <= range.last; port++)
		port_set_add(set, (uint16_t)port);
}

/* The lowest port from `from` on that is in the set, or is not, as `present` says; PORTS: none. */
static unsigned find(const struct port_set *set, unsigned from, bool present)
{
	while (from < PORTS) {
		uint64_t word = set->words[from / 64] >> from % 64;

		if (!present)
			word = ~set->words[from / 64] >> from % 64;
		if (word != 0)
			return from + (unsigned)__builtin_ctzll(word);
		from = (from / 64 + 1) * 64;
	}
	return PORTS;
}

int port_set_next(const struct port_set *set, unsigned from)
{
	unsigned port = find(set, from, true);

	return port < PORTS ? (int)port : -1;
}

size_t port_set_ranges(const struct port_set *set, struct port_range *ret_ranges, size_t max)
{
	unsigned first = find(set, 0, true);
	size_t count = 0;

	while (first < PORTS && count <= max) {
		unsigned end = find(set, first, false);

		if (count < max)
			ret_ranges[count] =
				(struct port_range){(uint16_t)first, (uint16_t)(end - 1)};
		count++;
		first = find(set, end, true);
	}
	return count;
}

/* SPDX-License-Identifier: MIT */
#include "core/tcp/local_ends.h"

#include <string.h>

static bool is_end_of(const struct local_end *end, const struct connection *row)
{
	return end->port == row->local_port && end->family == row->family &&
	       end->interface == row->interface &&
	       memcmp(end->address, row->local, sizeof end->address) == 0;
}

unsigned local_ends_number(struct local_ends *ends, const struct connection *row)
{
	struct local_end *end;

	for (unsigned i = 0; i < ends->count; i++) {
		if (is_end_of(&ends->list[i], row))
			return i + 1;
	}
	if (ends->count == LOCAL_ENDS_MAX)
		return 0;
	end = &ends->list[ends->count++];
	*end = (struct local_end){row->interface, row->local_port, row->family, {0}};
	memcpy(end->address, row->local, sizeof end->address);
	return ends->count;
}

const struct local_end *local_ends_get(const struct local_ends *ends, unsigned number)
{
	return &ends->list[number - 1];
}

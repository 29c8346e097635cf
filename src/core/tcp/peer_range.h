/* SPDX-License-Identifier: MIT */
/* Address ranges of peers whose connections are no work: probes, Prometheus. CIDR, as in 10.0.0.0/8,
 * fd00::/8, or a single address. */
#pragma once

#include "core/tcp/connection.h"

#include <stddef.h>

struct peer_range {
	uint8_t family; /* AF_INET or AF_INET6 */
	uint8_t bits; /* of addr that count */
	uint8_t addr[16];
};

/* Returns 0 or -EINVAL; bits set behind the prefix length are refused, for they show a mistake. */
int peer_range_parse(const char *string, struct peer_range *ret_range);

/* Whether a connection's peer is in one of the ranges. An IPv4 client of a `::` socket is matched by
 * its IPv4 address. */
bool peer_range_matches(
	const struct peer_range *ranges, size_t count, const struct connection *connection);

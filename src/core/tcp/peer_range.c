/* SPDX-License-Identifier: MIT */
#include "core/tcp/peer_range.h"

#include "core/tcp/ip_address.h"
#include "core/text/number.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned rest = bits % 8;

	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return rest == 0 || (a[bits / 8] ^ b[bits / 8]) >> (8 - rest) == 0;
}

int peer_range_parse(const char *string, struct peer_range *ret_range)
{
	struct peer_range range = {0};
	uint8_t cut[IP_ADDRESS_BYTES] = {0};
	int family = ip_address_take(&string, range.addr);
	int64_t bits = family == AF_INET6 ? 128 : 32;

	if (family < 0)
		return family;
	if (*string == '/' && strlen(++string) <= 3)
		bits = number_take(&string, bits);
	if (bits < 0 || *string != '\0')
		return -EINVAL;
	range.family = (uint8_t)family;
	range.bits = (uint8_t)bits;
	memcpy(cut, range.addr, range.bits / 8);
	if (range.bits % 8 > 0)
		cut[range.bits / 8] =
			range.addr[range.bits / 8] & (uint8_t)(0xFF00 >> range.bits % 8);
	if (memcmp(cut, range.addr, sizeof cut) != 0)
		return -EINVAL;
	*ret_range = range;
	return 0;
}

bool peer_range_matches(
	const struct peer_range *ranges, size_t count, const struct connection *connection)
{
	bool mapped = connection->family == AF_INET6 && ip_address_is_mapped(connection->peer);
	const uint8_t *v4 = connection->peer + (mapped ? IP_ADDRESS_MAPPED_AT : 0);
	bool is_v4 = connection->family == AF_INET || mapped;

	for (size_t i = 0; i < count; i++) {
		if (ranges[i].family == AF_INET && is_v4 &&
			same_bits(ranges[i].addr, v4, ranges[i].bits))
			return true;
		if (ranges[i].family == AF_INET6 && connection->family == AF_INET6 &&
			same_bits(ranges[i].addr, connection->peer, ranges[i].bits))
			return true;
	}
	return false;
}

/* SPDX-License-Identifier: MIT */
#include "core/tcp/connection.h"

#include "core/tcp/ip_address.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static bool is_loopback(const uint8_t address[static 16], uint8_t family)
{
	static const uint8_t v6[16] = {[15] = 1};

	if (family == AF_INET)
		return address[0] == IN_LOOPBACKNET;
	if (ip_address_is_mapped(address))
		return address[IP_ADDRESS_MAPPED_AT] == IN_LOOPBACKNET;
	return memcmp(address, v6, sizeof v6) == 0;
}

bool connection_is_from_here(const struct connection *connection, const uint8_t *local)
{
	size_t len = connection->family == AF_INET ? 4 : sizeof connection->peer;

	return is_loopback(connection->peer, connection->family) ||
	       memcmp(connection->peer, local, len) == 0;
}

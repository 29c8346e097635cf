/* SPDX-License-Identifier: MIT */
#include "core/listen_address.h"

#include "core/number.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

static struct listen_address make_ipv6(struct in6_addr host, in_port_t port)
{
	struct listen_address address = {
		.addr_len = sizeof(struct sockaddr_in6),
		.any = IN6_IS_ADDR_UNSPECIFIED(&host),
	};
	struct sockaddr_in6 addr = {
		.sin6_family = AF_INET6,
		.sin6_port = port,
		.sin6_addr = host,
	};

	memcpy(&address.addr, &addr, sizeof(addr));
	return address;
}

static struct listen_address make_ipv4(struct in_addr host, in_port_t port)
{
	struct listen_address address = {.addr_len = sizeof(struct sockaddr_in)};
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = port,
		.sin_addr = host,
	};

	memcpy(&address.addr, &addr, sizeof(addr));
	return address;
}

int listen_address_parse(const char *string, struct listen_address *ret_address)
{
	const char *colon = strrchr(string, ':');
	char host[INET6_ADDRSTRLEN + 2]; /* with its brackets */
	struct in6_addr ipv6 = IN6ADDR_ANY_INIT;
	struct in_addr ipv4;
	int64_t number = colon != NULL ? number_parse(colon + 1, 1, UINT16_MAX) : -EINVAL;
	in_port_t port = htons((uint16_t)number);
	size_t len;

	if (number < 0)
		return -EINVAL;
	len = (size_t)(colon - string);
	if (len >= sizeof(host))
		return -EINVAL;
	memcpy(host, string, len);
	host[len] = '\0';

	if (len == 0 || strcmp(host, "*") == 0) {
		*ret_address = make_ipv6(ipv6, port);
		return 0;
	}
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		if (inet_pton(AF_INET6, host + 1, &ipv6) != 1)
			return -EINVAL;
		*ret_address = make_ipv6(ipv6, port);
		return 0;
	}
	if (inet_pton(AF_INET, host, &ipv4) != 1)
		return -EINVAL;
	*ret_address = make_ipv4(ipv4, port);
	return 0;
}

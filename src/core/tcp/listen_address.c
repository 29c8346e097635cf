/* SPDX-License-Identifier: MIT */
#include "core/tcp/listen_address.h"

#include "core/text/number.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

struct listen_address listen_address_of(int family, const void *host, uint16_t port)
{
	struct listen_address address = {.addr.ss_family = (sa_family_t)family};
	struct sockaddr_in *in4 = (void *)&address.addr;
	struct sockaddr_in6 *in6 = (void *)&address.addr;

	if (family == AF_INET6) {
		in6->sin6_port = htons(port);
		memcpy(&in6->sin6_addr, host, sizeof in6->sin6_addr);
		address.any = IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr);
		address.addr_len = sizeof *in6;
	} else {
		in4->sin_port = htons(port);
		memcpy(&in4->sin_addr, host, sizeof in4->sin_addr);
		address.addr_len = sizeof *in4;
	}
	return address;
}

uint16_t listen_address_port(const struct listen_address *address)
{
	const struct sockaddr_in *in4 = (const void *)&address->addr;
	const struct sockaddr_in6 *in6 = (const void *)&address->addr;

	return ntohs(address->addr.ss_family == AF_INET6 ? in6->sin6_port : in4->sin_port);
}

int listen_address_take_host(const char **at, uint8_t ret_host[static IP_ADDRESS_BYTES])
{
	bool has_brackets = **at == '[';
	int family;

	*at += has_brackets;
	family = ip_address_take(at, ret_host);
	if (family != (has_brackets ? AF_INET6 : AF_INET) || (has_brackets && *(*at)++ != ']'))
		return -EINVAL;
	return family;
}

int listen_address_take_port(const char **at, int default_port)
{
	int64_t port;

	if (**at != ':')
		return default_port;
	++*at;
	port = number_take(at, UINT16_MAX);
	return port > 0 ? (int)port : -EINVAL;
}

int listen_address_parse(const char *string, struct listen_address *ret_address)
{
	uint8_t host[IP_ADDRESS_BYTES] = {0};
	int family = AF_INET6, port;

	string += strncmp(string, "*:", 2) == 0;
	if (*string != ':')
		family = listen_address_take_host(&string, host);
	if (family < 0)
		return family;
	port = listen_address_take_port(&string, -EINVAL);
	if (port < 0 || *string != '\0')
		return -EINVAL;
	*ret_address = listen_address_of(family, host, (uint16_t)port);
	return 0;
}

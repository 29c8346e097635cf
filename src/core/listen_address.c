/* SPDX-License-Identifier: MIT */
#include "core/listen_address.h"

#include "core/number.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

int listen_address_parse(const char *string, struct listen_address *ret_address)
{
	struct listen_address address = {.addr_len = sizeof(struct sockaddr_in)};
	struct sockaddr_in *in4 = (void *)&address.addr;
	struct sockaddr_in6 *in6 = (void *)&address.addr;
	const char *colon = strrchr(string, ':');
	char host[INET6_ADDRSTRLEN + 2]; /* with its brackets */
	int64_t port = colon != NULL ? number_parse(colon + 1, 1, UINT16_MAX) : -EINVAL;
	size_t len;

	if (port < 0)
		return -EINVAL;
	len = (size_t)(colon - string);
	if (len == 0 || strncmp(string, "*:", 2) == 0) {
		string = "[::]";
		len = strlen(string);
	}
	if (len >= sizeof host)
		return -EINVAL;
	memcpy(host, string, len);
	host[len] = '\0';

	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
		if (inet_pton(AF_INET6, host + 1, &in6->sin6_addr) != 1)
			return -EINVAL;
		address.any = IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr);
		address.addr_len = sizeof *in6;
	} else {
		in4->sin_family = AF_INET;
		in4->sin_port = htons((uint16_t)port);
		if (inet_pton(AF_INET, host, &in4->sin_addr) != 1)
			return -EINVAL;
	}
	*ret_address = address;
	return 0;
}

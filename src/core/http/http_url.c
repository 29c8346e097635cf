/* SPDX-License-Identifier: MIT */
#include "core/http/http_url.h"

#include <errno.h>
#include <string.h>

#define HTTP_PORT 80

static const char scheme[] = "http://", localhost[] = "localhost";

bool http_url_is_path(const char *string)
{
	if (*string != '/')
		return false;
	while (*string > ' ' && *string < 0x7F && *string != '#')
		string++;
	return *string == '\0';
}

int http_url_parse(const char *string, struct http_url *ret_url)
{
	const char *at = string + strlen(scheme);
	struct http_url url = {.authority = at};
	uint8_t host[IP_ADDRESS_BYTES] = {127, 0, 0, 1};
	int family = AF_INET, port;

	if (strncmp(string, scheme, strlen(scheme)) != 0)
		return -EINVAL;
	url.is_localhost = strncmp(at, localhost, strlen(localhost)) == 0;
	if (url.is_localhost)
		at += strlen(localhost);
	else
		family = listen_address_take_host(&at, host);
	if (family < 0)
		return family;
	port = listen_address_take_port(&at, HTTP_PORT);
	url.authority_len = (size_t)(at - url.authority);
	url.path = *at != '\0' ? at : "/";
	if (port < 0 || !http_url_is_path(url.path))
		return -EINVAL;
	url.address = listen_address_of(family, host, (uint16_t)port);
	*ret_url = url;
	return 0;
}

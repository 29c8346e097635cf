/* SPDX-License-Identifier: MIT */
#include "core/http_url.h"

#include <errno.h>
#include <string.h>

#define AUTHORITY_MAX 64 /* [IPv6]:65535 has 54 */

static int parse_authority(const char *bytes, size_t len, struct listen_address *ret_address)
{
	char text[AUTHORITY_MAX + sizeof(":80")];
	const char *port;

	if (len == 0 || len > AUTHORITY_MAX || bytes[0] == ':' || bytes[0] == '*')
		return -EINVAL;
	memcpy(text, bytes, len);
	text[len] = '\0';
	port = strrchr(text, ':');
	if (port == NULL || strchr(port, ']') != NULL)
		memcpy(text + len, ":80", sizeof(":80"));
	return listen_address_parse(text, ret_address);
}

int http_url_parse(const char *string, struct http_url *ret_url)
{
	static const char scheme[] = "http://";
	const char *authority = string + strlen(scheme);
	struct http_url url;
	size_t len;

	if (strncmp(string, scheme, strlen(scheme)) != 0)
		return -EINVAL;
	len = strcspn(authority, "/?#");
	url.path = authority + len;
	if (*url.path == '\0')
		url.path = "/";
	if (*url.path != '/' || parse_authority(authority, len, &url.address) < 0)
		return -EINVAL;
	for (const char *c = url.path; *c != '\0'; c++) {
		if (*c <= ' ' || *c >= 0x7F || *c == '#')
			return -EINVAL;
	}
	*ret_url = url;
	return 0;
}

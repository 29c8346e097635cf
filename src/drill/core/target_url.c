/* SPDX-License-Identifier: MIT */
#include "drill/core/target_url.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Returns what follows the scheme, or NULL. */
static const char *skip_scheme(const char *string, bool *ret_is_tls)
{
	*ret_is_tls = strncasecmp(string, "https://", 8) == 0;
	if (*ret_is_tls)
		return string + 8;
	return strncasecmp(string, "http://", 7) == 0 ? string + 7 : NULL;
}

static int read_port(const char *digits, size_t len, uint16_t *ret_port)
{
	unsigned port = 0;

	if (len == 0 || len > 5)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)digits[i]))
			return -EINVAL;
		port = port * 10 + (unsigned)(digits[i] - '0');
	}
	if (port == 0 || port > UINT16_MAX)
		return -EINVAL;
	*ret_port = (uint16_t)port;
	return 0;
}

/* Letters of a name, or of an address: what a host name may not have, a Host field must not get. */
static bool is_host(const char *host, size_t len, bool is_ipv6)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)host[i];

		if (is_ipv6 ? !isxdigit(c) && c != ':' && c != '.'
			    : !isalnum(c) && c != '-' && c != '.' && c != '_')
			return false;
	}
	return len > 0;
}

/* HOST, HOST:PORT, [IPv6] or [IPv6]:PORT */
static int read_authority(const char *authority, size_t len, struct target_url *url)
{
	const char *end = authority + len, *host = authority, *host_end;

	url->has_ipv6_host = len > 0 && *authority == '[';
	if (url->has_ipv6_host)
		host++;
	host_end = memchr(host, url->has_ipv6_host ? ']' : ':', (size_t)(end - host));
	if (host_end == NULL && url->has_ipv6_host)
		return -EINVAL;
	if (host_end == NULL)
		host_end = end;
	if ((size_t)(host_end - host) >= sizeof url->host ||
		!is_host(host, (size_t)(host_end - host), url->has_ipv6_host))
		return -EINVAL;
	memcpy(url->host, host, (size_t)(host_end - host));
	url->host[host_end - host] = '\0';
	if (url->has_ipv6_host)
		host_end++;
	if (host_end == end)
		return 0;
	if (*host_end != ':')
		return -EINVAL;
	return read_port(host_end + 1, (size_t)(end - host_end - 1), &url->port);
}

static int read_path(const char *path, struct target_url *url)
{
	size_t len = strlen(path);

	if (*path != '\0' && *path != '/')
		return -EINVAL;
	if (len >= sizeof url->path)
		return -EINVAL;
	for (const char *c = path; *c != '\0'; c++) {
		if (*c <= ' ' || *c >= 0x7F || *c == '#')
			return -EINVAL;
	}
	memcpy(url->path, len > 0 ? path : "/", len > 0 ? len + 1 : sizeof "/");
	return 0;
}

int target_url_parse(const char *string, struct target_url *ret_url)
{
	struct target_url url = {.port = 0};
	const char *authority = skip_scheme(string, &url.is_tls);
	uint16_t usual;
	size_t len;

	if (authority == NULL)
		return -EINVAL;
	usual = url.is_tls ? 443 : 80;
	url.port = usual;
	len = strcspn(authority, "/?#");
	if (read_authority(authority, len, &url) < 0 || read_path(authority + len, &url) < 0)
		return -EINVAL;
	(void)snprintf(url.authority, sizeof url.authority, url.has_ipv6_host ? "[%s]:%u" : "%s:%u",
		url.host, url.port);
	if (url.port == usual) /* RFC 9110 4.2: the port is left out where it is the scheme's */
		*strrchr(url.authority, ':') = '\0';
	*ret_url = url;
	return 0;
}

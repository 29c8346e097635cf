/* SPDX-License-Identifier: MIT */
#include "core/app_check_target.h"

#include "core/number.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define HTTP_PORT 80

static int parse_host(const char *string, size_t len, struct app_check_target *target)
{
	char host[INET6_ADDRSTRLEN + 2]; /* with its brackets */

	if (len == 0 || len >= sizeof host)
		return -EINVAL;
	memcpy(host, string, len);
	host[len] = '\0';
	if (strcmp(host, "localhost") == 0) {
		target->any_loopback = true;
		return 0;
	}
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		target->family = AF_INET6;
		return inet_pton(AF_INET6, host + 1, &target->ipv6) == 1 &&
				       IN6_IS_ADDR_LOOPBACK(&target->ipv6)
			       ? 0
			       : -EINVAL;
	}
	target->family = AF_INET;
	return inet_pton(AF_INET, host, &target->ipv4) == 1 &&
			       ntohl(target->ipv4.s_addr) >> 24 == IN_LOOPBACKNET
		       ? 0
		       : -EINVAL;
}

/* HOST or HOST:PORT; the colons of an IPv6 address are in brackets. */
static int parse_authority(struct app_check_target *target)
{
	const char *start = target->authority, *end = start + target->authority_len;
	const char *colon = end;
	size_t host_len;
	int64_t port;

	while (colon > start && colon[-1] >= '0' && colon[-1] <= '9')
		colon--;
	target->port = HTTP_PORT;
	if (colon == start || colon[-1] != ':')
		return parse_host(start, target->authority_len, target);
	host_len = (size_t)(colon - 1 - start);
	port = number_take(&colon, UINT16_MAX);
	if (port < 1)
		return -EINVAL;
	target->port = (uint16_t)port;
	return parse_host(start, host_len, target);
}

static int check_path(const char *path)
{
	if (strlen(path) > APP_CHECK_PATH_MAX)
		return -EINVAL;
	for (const char *c = path; *c != '\0'; c++) {
		if (*c <= ' ' || *c >= 0x7F || *c == '#')
			return -EINVAL;
	}
	return 0;
}

static int parse_url(const char *rest, struct app_check_target *target)
{
	target->authority = rest;
	target->authority_len = strcspn(rest, "/");
	target->path = rest[target->authority_len] == '/' ? rest + target->authority_len : "/";
	if (check_path(target->path) < 0)
		return -EINVAL;
	return parse_authority(target);
}

int app_check_target_parse(const char *string, struct app_check_target *ret_target)
{
	struct app_check_target target = {.kind = APP_CHECK_LISTEN};
	int64_t port;
	int r = 0;

	if (strcmp(string, "none") == 0) {
		target.kind = APP_CHECK_NONE;
	} else if (strncmp(string, "tcp:", 4) == 0) {
		target.kind = APP_CHECK_TCP;
		target.any_loopback = true;
		port = number_parse(string + 4, 1, UINT16_MAX);
		target.port = (uint16_t)port;
		r = port < 0 ? -EINVAL : 0;
	} else if (strncmp(string, "http://", 7) == 0) {
		target.kind = APP_CHECK_HTTP;
		r = parse_url(string + 7, &target);
	} else if (strcmp(string, "listen") != 0) {
		r = -EINVAL;
	}
	if (r == 0)
		*ret_target = target;
	return r;
}

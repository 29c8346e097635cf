/* SPDX-License-Identifier: MIT */
#include "core/http/app_check_target.h"

#include "core/text/number.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

static bool is_loopback(const struct listen_address *address)
{
	const struct sockaddr_in *in4 = (const void *)&address->addr;
	const struct sockaddr_in6 *in6 = (const void *)&address->addr;

	if (address->addr.ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
	return ntohl(in4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

static int parse_url(const char *string, struct app_check_target *target)
{
	if (http_url_parse(string, &target->url) < 0 || !is_loopback(&target->url.address) ||
		strlen(target->url.path) > APP_CHECK_PATH_MAX)
		return -EINVAL;
	target->kind = APP_CHECK_HTTP;
	target->any_loopback = target->url.is_localhost;
	target->port = listen_address_port(&target->url.address);
	return 0;
}

static int parse_port(const char *string, struct app_check_target *target)
{
	int64_t port = number_parse(string, 1, UINT16_MAX);

	target->kind = APP_CHECK_TCP;
	target->any_loopback = true;
	target->port = (uint16_t)port;
	return port < 0 ? -EINVAL : 0;
}

int app_check_target_parse(const char *string, struct app_check_target *ret_target)
{
	struct app_check_target target = {.text = string, .kind = APP_CHECK_LISTEN};
	int r = 0;

	if (strcmp(string, "none") == 0)
		target.kind = APP_CHECK_NONE;
	else if (strncmp(string, "tcp:", 4) == 0)
		r = parse_port(string + 4, &target);
	else if (strcmp(string, "listen") != 0)
		r = parse_url(string, &target);
	if (r == 0)
		*ret_target = target;
	return r;
}

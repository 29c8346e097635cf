/* SPDX-License-Identifier: MIT */
#include "drill/load/target.h"

#include "sys/fd.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static int look_up(struct target *target)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	const char *name = target->url.host;
	struct addrinfo *found;
	char port[8];

	/* RFC 6761 6.3: nobody is asked who that is. IPv4, for that is where most servers listen. */
	if (strcasecmp(name, "localhost") == 0)
		name = "127.0.0.1";
	(void)snprintf(port, sizeof port, "%u", target->url.port);
	if (getaddrinfo(name, port, &hints, &found) != 0)
		return -ENOENT;
	memcpy(&target->address, found->ai_addr, found->ai_addrlen);
	target->address_len = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

static bool is_same_address(const struct sockaddr *a, const struct sockaddr_storage *b)
{
	const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;
	const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;

	if (a == NULL || a->sa_family != b->ss_family)
		return false;
	if (a->sa_family == AF_INET)
		return a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return a->sa_family == AF_INET6 &&
	       memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof a6->sin6_addr) == 0;
}

/* The interface that holds the source address of the route: a datagram socket that is connected sends
 * nothing. */
static void find_interface(struct target *target)
{
	struct sockaddr_storage source = {0};
	socklen_t len = sizeof source;
	struct ifaddrs *interfaces = NULL;
	fd_cleanup int fd = socket(target->address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || target_is_loopback(target) ||
		connect(fd, (const struct sockaddr *)&target->address, target->address_len) < 0 ||
		getsockname(fd, (struct sockaddr *)&source, &len) < 0 ||
		getifaddrs(&interfaces) < 0)
		return;
	for (const struct ifaddrs *i = interfaces; i != NULL; i = i->ifa_next) {
		if (is_same_address(i->ifa_addr, &source) && (i->ifa_flags & IFF_LOOPBACK) == 0)
			(void)snprintf(
				target->interface, sizeof target->interface, "%s", i->ifa_name);
	}
	freeifaddrs(interfaces);
}

int target_open(
	struct target *target, const char *url, bool allow_remote, enum target_stage *ret_stage)
{
	int result;

	*target = (struct target){0};
	*ret_stage = TARGET_URL;
	result = target_url_parse(url, &target->url);
	if (result < 0)
		return result;
	*ret_stage = TARGET_LOOKUP;
	result = look_up(target);
	if (result < 0)
		return result;
	find_interface(target);
	*ret_stage = TARGET_REMOTE;
	return allow_remote || target_is_loopback(target) ? 0 : -EACCES;
}

bool target_is_loopback(const struct target *target)
{
	const struct sockaddr_in *in4 = (const void *)&target->address;
	const struct sockaddr_in6 *in6 = (const void *)&target->address;

	switch (target->address.ss_family) {
	case AF_INET:
		return ntohl(in4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	case AF_INET6:
		return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr) ||
		       (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr) &&
			       in6->sin6_addr.s6_addr[12] == IN_LOOPBACKNET);
	default:
		return false;
	}
}

int target_start_tls(struct target *target, const char *ca_file, bool is_insecure)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
	int is_trusting;

	if (tls == NULL)
		return -ENOMEM;
	is_trusting = ca_file != NULL ? SSL_CTX_load_verify_locations(tls, ca_file, NULL)
				      : SSL_CTX_set_default_verify_paths(tls);
	if (!is_trusting && !is_insecure) {
		SSL_CTX_free(tls);
		return -EINVAL;
	}
	SSL_CTX_set_verify(tls, is_insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	(void)SSL_CTX_set_mode(
		tls, SSL_MODE_ENABLE_PARTIAL_WRITE | /* what was taken is counted */
			     SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
			     SSL_MODE_RELEASE_BUFFERS); /* 34 KiB an idle connection */
	(void)SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
	target->tls = tls;
	return 0;
}

void target_share_tls(struct target *target, const struct target *with)
{
	if (with->tls != NULL && SSL_CTX_up_ref(with->tls))
		target->tls = with->tls;
}

void target_close(struct target *target)
{
	SSL_CTX_free(target->tls);
	target->tls = NULL;
}

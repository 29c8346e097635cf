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
#include <sys/un.h>

/* A part up to the next colon, which is left out where more is to come. */
static const char *read_part(const char *text, char *ret_part, size_t cap)
{
	bool is_ipv6 = *text == '[';
	size_t len = is_ipv6 ? strcspn(text + 1, "]") : strcspn(text, ":");
	const char *begin = text + is_ipv6, *end = begin + len + is_ipv6;

	if (len >= cap || (is_ipv6 && begin[len] != ']') || (*end != ':' && *end != '\0'))
		return NULL;
	memcpy(ret_part, begin, len);
	ret_part[len] = '\0';
	return *end == ':' ? end + 1 : end;
}

static bool read_port(const char *digits, uint16_t *ret_port)
{
	unsigned port = 0;

	for (const char *c = digits; *c != '\0'; c++) {
		if (*c < '0' || *c > '9' || port > UINT16_MAX)
			return false;
		port = port * 10 + (unsigned)(*c - '0');
	}
	*ret_port = (uint16_t)port;
	return port <= UINT16_MAX && (port > 0 || *digits == '\0');
}

int target_detour_parse(const char *text, struct target_detour *ret_detour)
{
	char from_port[8], to_port[8];
	const char *at = read_part(text, ret_detour->from, sizeof ret_detour->from);

	if (at == NULL || at == text || at[-1] != ':' ||
		!(at = read_part(at, from_port, sizeof from_port)) || at[-1] != ':' ||
		!(at = read_part(at, ret_detour->to, sizeof ret_detour->to)) || at[-1] != ':' ||
		!(at = read_part(at, to_port, sizeof to_port)) || *at != '\0' ||
		!read_port(from_port, &ret_detour->from_port) ||
		!read_port(to_port, &ret_detour->to_port))
		return -EINVAL;
	return 0;
}

/* The first detour that the URL's host and port take; NULL: none. */
static const struct target_detour *detour_of(
	const struct target_url *url, const struct target_way *way)
{
	for (unsigned i = 0; i < way->detour_count; i++) {
		const struct target_detour *detour = &way->detours[i];

		if ((detour->from[0] == '\0' || strcasecmp(detour->from, url->host) == 0) &&
			(detour->from_port == 0 || detour->from_port == url->port))
			return detour;
	}
	return NULL;
}

static bool is_loopback(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *in4 = (const void *)address;
	const struct sockaddr_in6 *in6 = (const void *)address;

	switch (address->ss_family) {
	case AF_UNIX:
		return true;
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

static void use_address(struct target *target, unsigned index);

static void add_address(
	struct target *target, const struct sockaddr *address, socklen_t len, bool allow_remote)
{
	struct target_address *added = &target->addresses[target->address_count];

	if (target->address_count == TARGET_MAX_ADDRESSES)
		return;
	memcpy(&added->address, address, len);
	added->len = len;
	if (allow_remote || is_loopback(&added->address))
		target->address_count++;
}

static int look_up_name(struct target *target, const char *name, uint16_t number, bool allow_remote)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *found;
	char port[8];

	(void)snprintf(port, sizeof port, "%u", number);
	if (getaddrinfo(name, port, &hints, &found) != 0)
		return -ENOENT;
	for (const struct addrinfo *one = found; one != NULL; one = one->ai_next)
		add_address(target, one->ai_addr, one->ai_addrlen, allow_remote);
	freeaddrinfo(found);
	return 0;
}

static int find_cached(struct target *target, const struct target_way *way)
{
	const struct target_detour *detour = detour_of(&target->url, way);
	const char *name = detour != NULL && detour->to[0] != '\0' ? detour->to : target->url.host;
	uint16_t port = detour != NULL && detour->to_port != 0 ? detour->to_port : target->url.port;

	/* RFC 6761 6.3: no resolver is asked for localhost. IPv4 first, for most servers listen there. */
	if (strcasecmp(name, "localhost") != 0)
		return look_up_name(target, name, port, way->allow_remote);
	(void)look_up_name(target, "127.0.0.1", port, way->allow_remote);
	(void)look_up_name(target, "::1", port, way->allow_remote);
	return 0;
}

static int use_unix_socket(struct target *target, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof address.sun_path)
		return -EINVAL;
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	add_address(target, (const struct sockaddr *)&address, sizeof address, true);
	use_address(target, 0);
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

static void use_address(struct target *target, unsigned index)
{
	target->address_used = index;
	target->address = target->addresses[index].address;
	target->address_len = target->addresses[index].len;
	target->interface[0] = '\0';
	if (target->address.ss_family != AF_UNIX)
		find_interface(target);
}

int target_open(struct target *target, const char *url, const struct target_way *way,
	enum target_stage *ret_stage)
{
	int result;

	*target = (struct target){0};
	*ret_stage = TARGET_URL;
	result = target_url_parse(url, &target->url);
	if (result < 0)
		return result;
	if (way->unix_socket != NULL) {
		*ret_stage = TARGET_SOCKET;
		return use_unix_socket(target, way->unix_socket);
	}
	*ret_stage = TARGET_LOOKUP;
	result = find_cached(target, way);
	if (result < 0)
		return result;
	*ret_stage = TARGET_REMOTE;
	if (target->address_count == 0)
		return -EREMOTE;
	use_address(target, 0);
	return 0;
}

void target_try_next_address(struct target *target)
{
	if (target->address_count > 1)
		use_address(target, (target->address_used + 1) % target->address_count);
}

bool target_is_loopback(const struct target *target)
{
	return is_loopback(&target->address);
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

int target_use_certificate(struct target *target, const char *cert_file, const char *key_file)
{
	if (SSL_CTX_use_certificate_chain_file(target->tls, cert_file) != 1 ||
		SSL_CTX_use_PrivateKey_file(target->tls, key_file != NULL ? key_file : cert_file,
			SSL_FILETYPE_PEM) != 1 ||
		SSL_CTX_check_private_key(target->tls) != 1)
		return -EINVAL;
	return 0;
}

void target_close(struct target *target)
{
	SSL_CTX_free(target->tls);
	target->tls = NULL;
}

/* SPDX-License-Identifier: MIT */
#include "sys/listener.h"

#include "sys/fd.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

static int set_flag(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ? -errno : 0;
}

static int open_one(const struct listen_address *address)
{
	int family = address->addr.ss_family;
	fd_cleanup int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int result;

	if (fd < 0)
		return -errno;
	result = set_flag(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (result < 0)
		return result;
	if (family == AF_INET6) {
		/* The default is the net.ipv6.bindv6only sysctl's, so that both are said. */
		result = set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY, !address->any);
		if (result < 0)
			return result;
	}
	/* Accepted sockets inherit it: one call here instead of one for each of them. */
	result = set_flag(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (result < 0)
		return result;
	if (bind(fd, (const struct sockaddr *)&address->addr, address->addr_len) < 0)
		return -errno;
	if (listen(fd, SOMAXCONN) < 0)
		return -errno;
	return fd_steal(&fd);
}

int listener_open(const struct listen_address *address)
{
	int fd = open_one(address);

	/* The first where IPv6 is not in the kernel, the second where a sysctl has disabled it. */
	if (address->any && (fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL)) {
		struct listen_address ipv4 = listen_address_of(
			AF_INET, (const uint8_t[4]){0}, listen_address_port(address));

		fd = open_one(&ipv4);
	}
	return fd;
}

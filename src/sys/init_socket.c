/* SPDX-License-Identifier: MIT */
#include "sys/init_socket.h"

#include "core/text/text.h"
#include "sys/fd.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

/* Returns the address's length, or -errno. */
static int find_address(struct sockaddr_un *ret_address)
{
	struct stat namespace;
	struct text name;

	if (stat("/proc/self/ns/pid", &namespace) < 0)
		return -errno;
	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	/* behind the NUL that makes it an abstract one */
	text_init(&name, ret_address->sun_path + 1, sizeof ret_address->sun_path - 1);
	/* the kernel numbers namespaces from 0xF0000000 on, in 32 bits (fs/proc/generic.c) */
	text_printf(&name, "lastcall/%u", (unsigned)namespace.st_ino);
	return (int)(offsetof(struct sockaddr_un, sun_path) + 1 + name.len);
}

int init_socket_listen(void)
{
	fd_cleanup int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;
	int len = find_address(&address);

	if (fd < 0)
		return -errno;
	if (len < 0)
		return len;
	if (bind(fd, (const struct sockaddr *)&address, (socklen_t)len) < 0 ||
		listen(fd, SOMAXCONN) < 0)
		return -errno;
	return fd_steal(&fd);
}

/* Whether the listener is PID 1 of our namespace: for a listener in another one the kernel makes it 0. */
static bool is_connected_to_init(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.pid == 1;
}

int init_socket_connect(msec_t timeout)
{
	/* blocking while it connects: a full queue cannot be polled for */
	fd_cleanup int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct timeval limit = {timeout / 1000, timeout % 1000 * 1000};
	struct sockaddr_un address;
	int len = find_address(&address);

	if (fd < 0)
		return -errno;
	if (len < 0)
		return len;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0 ||
		connect(fd, (const struct sockaddr *)&address, (socklen_t)len) < 0)
		return -errno;
	if (!is_connected_to_init(fd))
		return -ECONNREFUSED;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	return fd_steal(&fd);
}

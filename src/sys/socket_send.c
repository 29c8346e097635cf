/* SPDX-License-Identifier: MIT */
#include "sys/socket_send.h"

#include <errno.h>
#include <sys/socket.h>

int socket_send_rest(int fd, const char *bytes, size_t len, size_t *sent)
{
	while (*sent < len) {
		ssize_t n = send(fd, bytes + *sent, len - *sent, MSG_NOSIGNAL);

		if (n < 0)
			return errno == EINTR ? -EAGAIN : -errno;
		*sent += (size_t)n;
	}
	return 0;
}

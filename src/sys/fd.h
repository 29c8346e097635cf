/* SPDX-License-Identifier: MIT */
/* Ownership of file descriptors: closed at the end of their scope unless handed over;
 * and writing to one that may block, as only what is printed before the application starts may. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

/* Closes a valid descriptor and returns -1, keeping errno: x = fd_close(x). */
static inline int fd_close(int fd)
{
	int saved_errno = errno;

	if (fd >= 0)
		(void)close(fd); /* Linux frees the number whatever close returns */
	errno = saved_errno;
	return -1;
}

static inline void fd_cleanup_function(int *fd)
{
	(void)fd_close(*fd);
}

/* fd_cleanup int fd = -1; */
#define fd_cleanup __attribute__((cleanup(fd_cleanup_function)))

/* Whether a descriptor was handed to us by exec. All of our own are close-on-exec, and no such one has
 * come through an exec: a number that was free is not taken for an inherited descriptor. */
static inline bool fd_is_inherited(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags >= 0 && !(flags & FD_CLOEXEC);
}

/* Hands a descriptor over: return fd_steal(&fd); */
static inline int fd_steal(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}

/* Writes the whole of it. Returns 0 or -errno. */
static inline int fd_write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t written = write(fd, bytes, len);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			bytes += written;
			len -= (size_t)written;
		}
	}
	return 0;
}

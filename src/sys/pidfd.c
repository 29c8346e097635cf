/* SPDX-License-Identifier: MIT */
#include "sys/pidfd.h"

#include "sys/monoclock.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434 /* on every architecture: it is younger than the common table */
#endif

int pidfd_open_process(pid_t pid)
{
	long fd = syscall(SYS_pidfd_open, (long)pid, 0L);

	return fd < 0 ? -errno : (int)fd;
}

bool pidfd_has_ended(int pidfd)
{
	struct pollfd ended = {.fd = pidfd, .events = POLLIN}; /* poll passes over one below 0 */

	return poll(&ended, 1, 0) > 0;
}

/* struct pidfd_info of linux/pidfd.h in its first size, which headers before Linux 6.15 do not have whole. */
struct info {
	uint64_t mask, cgroup;
	uint32_t ids[11];
	int32_t exit_status;
};
_Static_assert(sizeof(struct info) == 64, "the kernel knows another size");

#define GET_INFO _IOWR(0xff, 11, struct info)
#define INFO_EXIT (UINT64_C(1) << 3)

int pidfd_exit_status(int pidfd, int *ret_status)
{
	struct info info = {.mask = INFO_EXIT};

	/* ioctl(3) takes the request as an int with musl, as an unsigned long with glibc */
	if (syscall(SYS_ioctl, pidfd, GET_INFO, &info) < 0)
		return -errno;
	if ((info.mask & INFO_EXIT) == 0)
		return -ENODATA;
	*ret_status = info.exit_status;
	return 0;
}

void pidfd_wait_collected(int pidfd, int timeout_ms)
{
	const msec_t until = monoclock_now() + timeout_ms;
	struct pollfd hangup = {.fd = pidfd}; /* without events poll returns at POLLHUP only */

	while (poll(&hangup, 1, (int)msec_left(until, monoclock_now())) < 0 && errno == EINTR)
		continue;
}

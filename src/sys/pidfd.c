/* SPDX-License-Identifier: MIT */
#include "sys/pidfd.h"

#include <errno.h>
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

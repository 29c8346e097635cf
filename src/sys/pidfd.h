/* SPDX-License-Identifier: MIT */
/* A process as a descriptor: readable when it has ended, whosever child it is. */
#pragma once

#include <sys/types.h>

/* pidfd_open(2), Linux 5.3 or later; close-on-exec. Returns the descriptor or -errno: -ENOSYS or -EPERM
 * where the kernel or a seccomp profile does not have it, -ESRCH when the process has ended. */
int pidfd_open_process(pid_t pid);

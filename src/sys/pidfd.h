/* SPDX-License-Identifier: MIT */
/* A process as a descriptor: readable when it has ended, whosever child it is. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* pidfd_open(2), Linux 5.3 or later; close-on-exec. Returns the descriptor or -errno: -ENOSYS or -EPERM
 * where the kernel or a seccomp profile does not have it, -ESRCH when the process has ended. */
int pidfd_open_process(pid_t pid);

/* Whether the process has ended; false for a descriptor below 0. */
bool pidfd_has_ended(int pidfd);

/* How a process ended that is no child of ours, as wait(2) tells its parent (PIDFD_GET_INFO with
 * PIDFD_INFO_EXIT, linux/pidfd.h, Linux 6.15). The kernel knows once the parent has collected the status.
 * Returns 0 or -errno: -ENODATA or -ESRCH before that, and always on Linux 6.13 and 6.14; -ENOTTY on an older
 * kernel. */
int pidfd_exit_status(int pidfd, int *ret_status);

/* Waits until the parent of a process that has ended has collected its status, for this long at most, also
 * while signals arrive. An old kernel does not show it: then all of the time passes. */
void pidfd_wait_collected(int pidfd, int timeout_ms);

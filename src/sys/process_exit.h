/* SPDX-License-Identifier: MIT */
/* Whether a process exits: the time between its last instruction and the moment in which its parent can reap it. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* All threads of the process exit, or have exited: the kernel closes its files, or has closed them. False where
 * /proc does not say so, and where only the main thread has ended. */
bool process_is_exiting(pid_t pid);

/* SPDX-License-Identifier: MIT */
/* The cgroup that a container's processes are in. */
#pragma once

#include <stdint.h>

/* Returns the inode of our own cgroup2 directory, which is what INET_DIAG_CGROUP_ID tells of the sockets
 * that its processes make (Linux 5.9, man 7 cgroups); or 0 where there is none, or where it is the whole
 * machine's. Every user may read it. In a cgroup namespace of its own the container sees its cgroup as
 * the root of the hierarchy, elsewhere below it; both are handled. */
uint64_t own_cgroup(void);

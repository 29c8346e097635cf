/* SPDX-License-Identifier: MIT */
/* How many processes of our memory cgroup, which is the container's, the kernel has killed for lack of
 * memory: memory.events of cgroup v2, memory.oom_control of v1 (Linux 4.13). */
#pragma once

#include <stdint.h>

struct oom_kills {
	int fd; /* of the file that counts them; -1: there is none that we may read */
	int64_t before; /* that it counted when it was opened */
};

void oom_kills_open(struct oom_kills *ret_kills);

/* Since it was opened. Returns their number or -errno: -ENODATA where the kernel does not count. */
int64_t oom_kills_count(const struct oom_kills *kills);

/* SPDX-License-Identifier: MIT */
/* A server for very many connections, in one thread of a process of its own: /slow is answered so much
 * later, everything else at once, with an empty body; connections are kept, unless they ask not to be. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/* Returns its pid, or -EMFILE where it may not have so many descriptors. Ended with SIGKILL. */
pid_t busy_server_start(unsigned connections, int slow_ms, uint16_t *ret_port);

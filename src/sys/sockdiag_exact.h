/* SPDX-License-Identifier: MIT */
/* NETLINK_SOCK_DIAG for single connections: a look-up in the kernel's hash table each (1.7 us on Linux 6.18),
 * however many others the host has. A dump walks the whole table. */
#pragma once

#include "sys/sockdiag.h"

/* So many answers, of the largest kind, always fit into the receive buffer of a socket (208 KiB; 166 were seen to
 * fit). The kernel drops the others and reports that once. */
#define SOCKDIAG_EXACT_MAX 100

/* The answer for keys[index]; row is NULL where the kernel has no such connection any more. */
typedef void sockdiag_answer_fn(void *arg, size_t index, const struct connection *row);

/* Asks for `count` connections, SOCKDIAG_EXACT_MAX at most, and calls `answer` once for each, in any order.
 * Never waits: the kernel answers within the call that asks. Asks again for those without an answer.
 * Returns 0, or -errno where some connections had no answer: -ENOBUFS, -EBADMSG, or what the kernel or a seccomp
 * profile answers where such requests do not work. */
int sockdiag_ask(struct sockdiag *diag, const struct connection_key *keys, size_t count,
	sockdiag_answer_fn *answer, void *arg);

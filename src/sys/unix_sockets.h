/* SPDX-License-Identifier: MIT */
/* unix_diag: the unix-domain sockets of our network namespace. The end that a listener has accepted is
 * in its client's network namespace (Linux 6.18): of clients elsewhere nothing is dumped. */
#pragma once

#include "core/codec/unix_socket_codec.h"
#include "sys/sockdiag.h"

typedef void unix_socket_fn(void *arg, const struct unix_socket *socket);

/* Calls row for each socket in one of the states (TCP_STATE_BIT()s). Returns 0, or -errno as
 * sockdiag_dump: -ENOENT without unix_diag in the kernel. */
int unix_sockets_dump(struct sockdiag *diag, uint32_t states, unix_socket_fn *row, void *arg);

/* SPDX-License-Identifier: MIT */
/* The network namespace of another process (network_namespaces(7)). */
#pragma once

#include <sys/types.h>

/* A socket, as socket(2) makes it, in the network namespace that a process is in. Returns it, or -errno: -EPERM
 * or -EACCES without CAP_SYS_ADMIN there, -ENOENT or -ESRCH when there is no such process. */
int net_namespace_socket(pid_t pid, int domain, int type, int protocol);

/* Returns 1 where a process is in our own network namespace, 0 where in another, or -errno. */
int net_namespace_is_ours(pid_t pid);

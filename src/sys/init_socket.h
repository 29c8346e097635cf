/* SPDX-License-Identifier: MIT */
/* A stream socket at which PID 1 of a pid namespace can be asked, and no other process is taken for it: an abstract
 * Unix socket (unix(7)), which needs no file. Abstract names belong to the network namespace, which the containers
 * of a pod share, so that the name has the pid namespace's inode in it (stat(2) of /proc/self/ns/pid,
 * namespaces(7)), and a client checks the listener's pid (SO_PEERCRED, translated by the kernel for
 * the process that asks). */
#pragma once

#include "core/text/msec.h"

/* To be called as PID 1. Returns a non-blocking, close-on-exec listening socket, or -errno: -ENOENT without a /proc,
 * -EADDRINUSE where another process of the network namespace has taken the name. */
int init_socket_listen(void);

/* Returns a non-blocking, close-on-exec socket that is connected to PID 1 of our pid namespace; or -errno:
 * -ECONNREFUSED when there is no listener or the listener is not PID 1, -EAGAIN when it takes no connection in
 * timeout. */
int init_socket_connect(msec_t timeout);

/* SPDX-License-Identifier: MIT */
/* Listening TCP sockets. */
#pragma once

#include "core/tcp/listen_address.h"

/* Opens a non-blocking, close-on-exec listening socket; `any` is one dual-stack socket, or IPv4
 * alone where there is no IPv6. SO_REUSEADDR is set, and TCP_NODELAY for the sockets accepted from
 * it. Returns the fd, or -errno (-EADDRINUSE, -EACCES, -EADDRNOTAVAIL are what a user can act on). */
int listener_open(const struct listen_address *address);

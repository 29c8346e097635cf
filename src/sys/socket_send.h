/* SPDX-License-Identifier: MIT */
/* Sends a request piece by piece on a non-blocking socket. */
#pragma once

#include <stddef.h>

/* Sends the bytes from *sent on, without SIGPIPE, and adds to *sent what the kernel took. Returns 0 when all are sent,
 * -EAGAIN when the rest has to wait until the socket is writable, or another -errno. */
int socket_send_rest(int fd, const char *bytes, size_t len, size_t *sent);

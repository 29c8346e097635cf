/* SPDX-License-Identifier: MIT */
/* One line of /proc/net/tcp or tcp6 (man 5 proc). Knows no file. */
#pragma once

#include "core/tcp/connection.h"

#include <stddef.h>

/* Decodes one line without its newline. Returns 0, or -EINVAL for the heading and for a line that
 * is cut short. has_info is false, and so is a listener's limit of waiting connections (wqueue 0).
 * The cookie is made from the two addresses and, for a listener, from its inode as well, for
 * several may share an address: never 0, and the same as long as the socket lives. */
int procnet_decode_line(const char *line, size_t len, uint8_t family, struct connection *ret_row);

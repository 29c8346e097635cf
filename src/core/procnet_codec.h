/* SPDX-License-Identifier: MIT */
/* One line of /proc/net/tcp or tcp6 (man 5 proc). Knows no file. */
#pragma once

#include "core/connection.h"

#include <stddef.h>

/* Decodes one line without its newline. Returns 0, or -EINVAL for the heading and for a line that
 * is cut short. has_info is false and cookie is made from the address pairs (never 0), stable as
 * long as the connection lives. */
int procnet_decode_line(const char *line, size_t len, uint8_t family, struct connection *ret_row);

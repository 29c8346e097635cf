/* SPDX-License-Identifier: MIT */
/* Numeric addresses, as inet_pton(3) takes them: 127.0.0.1, 2001:db8::7, ::ffff:10.0.0.1. */
#pragma once

#include <stdint.h>

#define IP_ADDRESS_BYTES 16

/* Takes the address at *at, and leaves *at behind it: what follows is the caller's to judge. Returns
 * AF_INET, for which four bytes are written, AF_INET6, or -EINVAL. */
int ip_address_take(const char **at, uint8_t ret_addr[static IP_ADDRESS_BYTES]);

/* SPDX-License-Identifier: MIT */
/* Numeric addresses, as inet_pton(3) takes them: 127.0.0.1, 2001:db8::7, ::ffff:10.0.0.1. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define IP_ADDRESS_BYTES 16

/* Takes the address at *at, and leaves *at behind it: what follows is the caller's to judge. Returns
 * AF_INET, for which four bytes are written, AF_INET6, or -EINVAL. */
int ip_address_take(const char **at, uint8_t ret_addr[static IP_ADDRESS_BYTES]);

/* Where an IPv4 address is, in one of IPv6 that is mapped (RFC 4291, section 2.5.5.2): ::ffff:10.0.0.7. */
#define IP_ADDRESS_MAPPED_AT 12

bool ip_address_is_mapped(const uint8_t addr[static IP_ADDRESS_BYTES]);

/* The mapped address of an IPv4 address of four bytes. */
void ip_address_map(const uint8_t v4[static 4], uint8_t ret_addr[static IP_ADDRESS_BYTES]);

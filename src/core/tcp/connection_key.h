/* SPDX-License-Identifier: MIT */
/* What names one connection to the kernel: without the cookie, the listener answers for a connection that is
 * gone; without the interface, nothing answers for one that is bound to an interface (Linux 6.18). */
#pragma once

#include <stdint.h>

struct connection_key {
	uint64_t cookie;
	uint32_t interface; /* as a dump has shown it; 0: bound to none */
	uint8_t family; /* AF_INET or AF_INET6, as a dump has shown it: a mapped address is IPv6 */
	uint16_t local_port, peer_port;
	uint8_t local[16], peer[16]; /* network order; 4 bytes used for AF_INET */
};

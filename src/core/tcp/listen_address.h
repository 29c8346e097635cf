/* SPDX-License-Identifier: MIT */
/* ADDR:PORT as people write it: 127.0.0.1:80, [::1]:80, [::]:80 (both families), *:80 or :80
 * (the same), 0.0.0.0:80 (IPv4 alone). Numeric only: PID 1 asks no resolver. */
#pragma once

#include "core/tcp/ip_address.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct listen_address {
	struct sockaddr_storage addr;
	socklen_t addr_len;
	bool any; /* every address of both families; addr is [::] */
};

/* Returns 0 or -EINVAL. */
int listen_address_parse(const char *string, struct listen_address *ret_address);

/* Take a part at *at, and leave *at behind it. The address stands in brackets if it is IPv6; the port
 * has its colon, and without one it is default_port. They return the address's family, the port, or -EINVAL. */
int listen_address_take_host(const char **at, uint8_t ret_host[static IP_ADDRESS_BYTES]);
int listen_address_take_port(const char **at, int default_port);

/* From the bytes of an address as the network has them, 4 or 16 by its family. */
struct listen_address listen_address_of(int family, const void *host, uint16_t port);
uint16_t listen_address_port(const struct listen_address *address);

/* SPDX-License-Identifier: MIT */
/* A network namespace of the benchmark's own, and what listens in it. */
#pragma once

#include "bench/traffic_kind.h"

#include <netinet/in.h>
#include <stdbool.h>

/* Enters a new namespace whose loopback interface is up, with this MTU (0: as it is). */
void network_enter(unsigned mtu);

/* Leaves the namespace for another one, with a link between the two: what is there is on another machine. Returns a
 * descriptor of the namespace left, whose address is NETWORK_FAR_ADDRESS now. */
int network_leave(void);
#define NETWORK_FAR_ADDRESS "10.9.0.1"

/* A listening socket, non-blocking, on a port of the kernel's choice. */
int network_listen(enum address address, uint16_t *ret_port);

/* Where a client of it connects to. */
socklen_t network_address(
	enum address address, uint16_t port, struct sockaddr_storage *ret_address);

/* Starts nginx in front of a server; it ends with us. Returns the port that it listens on. */
uint16_t network_start_nginx(enum wire wire, uint16_t server_port);

/* SPDX-License-Identifier: MIT */
/* ADDR:PORT as people write it: 127.0.0.1:80, [::1]:80, [::]:80 (both families), *:80 or :80
 * (the same), 0.0.0.0:80 (IPv4 alone). Numeric only: PID 1 asks no resolver. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

struct listen_address {
	struct sockaddr_storage addr;
	socklen_t addr_len;
	bool any; /* every address of both families; addr is [::] */
};

/* Returns 0 or -EINVAL. */
int listen_address_parse(const char *string, struct listen_address *ret_address);

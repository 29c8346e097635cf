/* SPDX-License-Identifier: MIT */
/* Clients that follow a script, all in one thread, and write down the truth about each connection. */
#pragma once

#include "bench/ground_truth.h"
#include "bench/traffic_kind.h"

#include <netinet/in.h>

struct traffic_client_config {
	const struct traffic_kind *kind;
	struct sockaddr_storage address;
	socklen_t address_len;
	unsigned connections;
	uint64_t seed;
	struct ground_truth *truths; /* one each */
	_Atomic uint32_t *connection_of_port; /* 65,536 of them: of a client's port, index + 1 */
};

/* Returns when all connections are open. The configuration must outlive the program. */
void traffic_client_start(const struct traffic_client_config *config);

/* SPDX-License-Identifier: MIT */
/* The application's ends of connections: a few addresses and ports, which many connections share. */
#pragma once

#include "core/tcp/connection.h"

#define LOCAL_ENDS_MAX 31u

struct local_end {
	uint32_t interface;
	uint16_t port;
	uint8_t family;
	uint8_t address[16];
};

/* Zeroed before. */
struct local_ends {
	unsigned count;
	struct local_end list[LOCAL_ENDS_MAX];
};

/* Returns the number of a row's own end, from 1 on, and adds it where it is new; 0 where there is no room. */
unsigned local_ends_number(struct local_ends *ends, const struct connection *row);

const struct local_end *local_ends_get(const struct local_ends *ends, unsigned number);

/* SPDX-License-Identifier: MIT */
/* A peer's address as people read it: 10.0.0.7:41234, [fd00::1]:41234. */
#pragma once

#include "core/text/text.h"

#include <stdint.h>

/* An IPv4 client of a `::` socket is written as IPv4, and [::]:0, which is no peer's, as `unix`: a client of a
 * unix-domain socket has no address. addr is in network order, 4 or 16 bytes used. */
void peer_text_add(struct text *text, uint8_t family, const uint8_t addr[static 16], uint16_t port);
#define PEER_TEXT_BYTES 64

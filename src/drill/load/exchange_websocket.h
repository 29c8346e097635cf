/* SPDX-License-Identifier: MIT */
/* An exchange as a WebSocket (RFC 6455): the handshake, then a message and a ping each second, until the server
 * closes. It is answered when the server closes with a code that a server that goes may use. */
#pragma once

#include "drill/load/exchange_base.h"

#define EXCHANGE_WEBSOCKET_TICK_US 1000000

void exchange_websocket_init(struct exchange *exchange);

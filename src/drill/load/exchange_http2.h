/* SPDX-License-Identifier: MIT */
/* An exchange as one stream of an HTTP/2 connection. */
#pragma once

#include "drill/load/exchange_base.h"
#include "drill/load/http2_conn.h"

void exchange_http2_init(struct exchange *exchange);

/* Gives the request to the connection. Returns 0, or -EPIPE where that takes no more. */
int exchange_http2_begin(struct exchange *exchange, struct http2_conn *conn);

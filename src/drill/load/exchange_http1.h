/* SPDX-License-Identifier: MIT */
/* An exchange in HTTP/1.x (RFC 9112). */
#pragma once

#include "drill/load/exchange_base.h"

void exchange_http1_init(struct exchange *exchange);

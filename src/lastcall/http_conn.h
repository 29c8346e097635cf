/* SPDX-License-Identifier: MIT */
/* One connection of the health endpoint: reads requests, sends responses, and ends. It knows what all
 * connections share, and reports to its server through three callbacks. */
#pragma once

#include "lastcall/http_shared.h"

/* Opens a connection of an accepted socket, and answers what has already come. The pool must not be
 * empty. */
void http_conn_open(struct http_shared *shared, int fd);
void http_conn_close(struct http_conn *c);

/* The connection's deadline has passed. */
void http_conn_expire(struct http_conn *c);

/* Makes room for another connection. A request that has already arrived is answered
 * first. */
void http_conn_evict(struct http_conn *c);

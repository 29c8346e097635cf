/* SPDX-License-Identifier: MIT */
/* /proc/net/tcp and tcp6: what is left where there is no sock_diag. No times, no counters. */
#pragma once

#include "core/codec/sockdiag_codec.h"
#include "sys/sockdiag.h"

/* Calls row for each socket that the query names, both families; want_info changes nothing. Returns
 * 0, or -errno when one of the files cannot be read (a missing tcp6 is no failure, there is no IPv6
 * then). Allocates nothing. */
int procnet_dump(const struct sockdiag_query *query, connection_fn *row, void *arg);

/* How many TCP sockets of our network namespace listen or have a connection, TIME_WAIT aside: a number
 * that the kernel keeps, while a dump walks its whole table. Returns it or -errno. */
int procnet_count_sockets(void);

/* SPDX-License-Identifier: MIT */
/* /proc/net/tcp and tcp6: what is left where there is no sock_diag. No times, no counters. */
#pragma once

#include "core/sockdiag_codec.h"
#include "sys/sockdiag.h"

/* Calls row for each socket that the query names, both families. Returns 0, or -errno when
 * neither file can be read. Allocates nothing. */
int procnet_dump(const struct sockdiag_query *query, connection_fn *row, void *arg);

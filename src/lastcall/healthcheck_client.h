/* SPDX-License-Identifier: MIT */
/* lastcall --healthcheck: asks a health endpoint once, for images that have no other client. */
#pragma once

#include "core/cli/options.h"

/* Asks, within two seconds, the URL that was given; or else the lastcall that is PID 1 here; or else, where there
 * is none, the endpoint that --listen and --health-path name, if the address was given or its listener is provably
 * of this container. Prints one line of what it saw. Returns the exit status: 0 for an answer of 2xx, else 1
 * (Docker keeps 2 for itself). */
int healthcheck_client_run(const struct options *options);

/* SPDX-License-Identifier: MIT */
/* One stop's attempts in, its numbers out. */
#pragma once

#include "drill/core/run.h"

/* Fills the marks that attempts tell of (all but signal, unhealthy, exit and deadline, which are the
 * drill's), each attempt's phases, and run->numbers. Sorts nothing but what it allocates on the
 * caller's behalf: `scratch` has room for as many doubles as there are attempts. */
void run_tally(struct run *run, double *scratch);

/* Whether a load balancer would have made this attempt at all: it began before the target was gone,
 * and, where a health endpoint is asked, no later than the load balancer's window after it began to
 * fail. What is in flight at t0, and what was asked before it, always counts. */
bool run_judges(const struct run *run, const struct attempt *attempt);

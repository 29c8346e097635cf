/* SPDX-License-Identifier: MIT */
/* One stop's attempts in, its numbers out. */
#pragma once

#include "drill/core/run.h"

/* Fills the marks that attempts tell of (all but signal, unhealthy, exit and deadline, which are the
 * drill's), each attempt's phases, its outcome by what was
 * answered before the stop, and run->numbers. Sorts nothing but what it allocates on the
 * caller's behalf: `scratch` has room for as many doubles as there are attempts. */
void run_tally(struct run *run, double *scratch);

/* Whether the attempt counts against the server: it began before the exit and while the target looked
 * healthy, which ends where the health endpoint does and the load balancer's window later; without a
 * health endpoint at the stop. Of a deployment all count that are sent before run->linger is over. What was
 * sent before the stop and ended after it always counts. */
bool run_judges(const struct run *run, const struct attempt *attempt);

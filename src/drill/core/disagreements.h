/* SPDX-License-Identifier: MIT */
/* Where lastcall's report of a stop and what the clients saw do not agree. */
#pragma once

#include "drill/core/run.h"

/* Fills run->disagreements, a line each, from run->server and run->numbers; none where there was no
 * report. After run_tally. */
void disagreements_find(struct run *run);

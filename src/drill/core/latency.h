/* SPDX-License-Identifier: MIT */
/* How long answers took before the stop, and while the target drained. Exact, by nearest rank. */
#pragma once

#include "drill/core/drill_result.h"

/* Of one run. scratch has room for as many values as the run has attempts. */
struct run_latency latency_of_run(const struct run *run, enum cohort cohort, double *scratch);

/* Of all runs' answers together. scratch has room for as many values as all runs have attempts. */
struct run_latency latency_over_runs(
	const struct drill_result *result, enum cohort cohort, double *scratch);

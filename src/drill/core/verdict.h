/* SPDX-License-Identifier: MIT */
/* Thresholds against runs: the checks that every output lists, and pass, fail or inconclusive. */
#pragma once

#include "drill/core/drill_result.h"
#include "drill/core/thresholds.h"

/* Fills result->checks, verdict, and inconclusive_because where it is not filled already. Each check is
 * held against the worst run. What was seen to fail has failed, whatever else is in doubt; what has
 * not failed has passed only if it could have failed: the control did, requests were in flight, and the
 * drill itself was in order. */
void result_judge(struct drill_result *result, const struct thresholds *thresholds);

/* SPDX-License-Identifier: MIT */
/* Deployments that have been: the answer of DescribeServiceDeployments, as the AWS CLI prints it. */
#pragma once

#include "plan/core/time_plan.h"

/* Reads the file ("-": standard input) into plan->past. Stages and states that are not known yet are taken as they
 * are. Returns 0, or -errno with one line in *ret_error. */
int past_deployments_read(struct time_plan *plan, const char *path, struct text *ret_error);

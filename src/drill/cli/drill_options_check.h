/* SPDX-License-Identifier: MIT */
/* What options mean together, where each by itself was accepted. */
#pragma once

#include "drill/cli/drill_options.h"

/* Fills in what follows from others: the kind of target, runs, cohort A's shares. Returns 0, or -EINVAL
 * with one line in *error. */
int drill_options_check(struct drill_options *options, struct text *error);

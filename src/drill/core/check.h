/* SPDX-License-Identifier: MIT */
/* What the files of the verdict share: a check and its texts, while it is made. */
#pragma once

#include "core/text/text.h"
#include "drill/core/drill_result.h"
#include "drill/core/thresholds.h"

struct check_texts {
	struct check *check;
	struct text limit, observed;
};

/* The next check, passed so far, its texts open for writing. */
struct check_texts check_add(struct drill_result *result, const char *name);

/* Adds " in run 3" where there is more than one. */
void check_add_run(struct text *text, const struct drill_result *result, const struct run *run);

/* One more warning, open for writing. There are DRILL_MAX_WARNINGS at most. */
struct text check_add_warning(struct drill_result *result);

/* Of a run that shows nothing no time is known, nor an end; what its clients have lost is lost. */
bool check_counts_run(const struct run *run);

/* The checks of counts and of bounds, and those of how the target ended. */
void load_checks_add(struct drill_result *result, const struct thresholds *thresholds);
void exit_checks_add(struct drill_result *result, const struct thresholds *thresholds);

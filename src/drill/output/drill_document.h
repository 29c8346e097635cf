/* SPDX-License-Identifier: MIT */
/* Reads what --json wrote, as far as two drills are compared by it. */
#pragma once

#include "core/text/text.h"
#include "drill/core/comparison.h"

struct drill_document {
	char target[DRILL_TEXT_BYTES], url[DRILL_TEXT_BYTES], stop[DRILL_TEXT_BYTES];
	char verdict[16], started_at[32];
	unsigned run_count; /* that say something */
	double stop_timeout_s; /* of the first of them; NAN: none, or they differ */
	double in_flight; /* the median at the stop */
	struct comparison_side side;
};

/* Returns 0, or -EINVAL (or the errno of reading) with one line in *error: what is wrong with which
 * file. */
int drill_document_read(const char *path, struct drill_document *ret_document, struct text *error);

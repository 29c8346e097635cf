/* SPDX-License-Identifier: MIT */
/* What lint found in all files that it was asked to read. */
#pragma once

#include "plan/rules/check.h"

enum { LINT_MAX_FINDINGS = 5000 }; /* that GitHub shows of one upload */

struct lint_counts {
	size_t errors, warnings, notes;
};

struct lint_result {
	struct arena arena; /* of the findings' strings */
	struct finding *findings; /* by file, then by place */
	size_t count;
	size_t cut; /* findings above LINT_MAX_FINDINGS, which were dropped */
	size_t files, files_skipped; /* read, and of no kind that lint knows */
	size_t templates; /* documents of the skipped files with {{ }}, to be rendered first */
	size_t too_large; /* of the skipped: above --max-size */
	size_t ignored, in_baseline; /* left out of the findings */
	struct lint_counts counts;
	bool has_unreadable; /* a document that could not be read is among the findings */
};

/* A name of a finding that outlives edits elsewhere in the file: rule, file, and the anchor with the path
 * below it. In the arena. */
const char *finding_identity(const struct finding *finding, struct arena *arena);

/* SPDX-License-Identifier: MIT */
/* Findings that are not shown: --ignore, and those that a baseline file knows already. */
#pragma once

#include "plan/rules/check.h"

#include "core/text/text.h"

/* "LC301" or "LC301:PATH". PATH is a pattern (glob) of a file or the folder that it lies in, or the beginning
 * of a JSON pointer or of a resource's name. Returns false for what is no rule's id. */
bool lint_ignore_is_valid(const char *ignore);
bool lint_ignore_matches(const char *ignore, const struct finding *finding);

struct baseline {
	void *known; /* a JSON object: identity, how often */
};

/* Reads the file that baseline_write has written. Returns 0, or -EINVAL (or -errno) with a line in *error. */
int baseline_read(const char *path, struct baseline *ret_baseline, struct text *error);
void baseline_done(struct baseline *baseline);

/* Whether it is known; each as often as it was found then. */
bool baseline_takes(struct baseline *baseline, const struct finding *finding);

/* Returns 0 or -errno. */
int baseline_write(const char *path, const struct finding *findings, size_t count);

/* SPDX-License-Identifier: MIT */
/* The files in which GitHub Actions collects what a step has to say. */
#pragma once

#include <stddef.h>

/* Appends to the file that $GITHUB_OUTPUT or $GITHUB_ENV names. Returns 0 or -errno. */
int github_file_append(const char *path, const char *bytes, size_t len);

/* Appends to the file that $GITHUB_STEP_SUMMARY names. Above its size limit GitHub drops the whole
 * summary: then nothing is added, and -EFBIG returned. Else 0 or -errno. */
int github_file_append_summary(const char *path, const char *bytes, size_t len);

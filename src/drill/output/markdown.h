/* SPDX-License-Identifier: MIT */
/* The drill in GitHub's Markdown: for a job summary, a comment, a wiki. Starts at a heading of the third
 * level, for it stands below others' headings. */
#pragma once

#include "drill/core/drill_result.h"

#include <stdio.h>

/* Always well below the 1 MiB that GitHub takes: of very many runs the bad ones are listed. */
void markdown_write(const struct drill_result *result, FILE *out);

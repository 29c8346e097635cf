/* SPDX-License-Identifier: MIT */
/* The drill for people: the verdict and why first, then what was lost, how long it took, each run, and
 * the picture of the worst one. */
#pragma once

#include "drill/core/drill_result.h"
#include "host/terminal.h"

#include <stdio.h>

void table_write(const struct drill_result *result, const struct terminal *terminal, FILE *out);

/* SPDX-License-Identifier: MIT */
/* The same picture in letters, for terminals: above each lane's line what was answered, as a height;
 * below it what failed, as a letter. */
#pragma once

#include "drill/core/drill_result.h"
#include "host/terminal.h"

#include <stdio.h>

/* Nothing at all where there is no run to be shown. */
void picture_text_write(
	const struct drill_result *result, const struct terminal *terminal, FILE *out);

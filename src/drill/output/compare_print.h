/* SPDX-License-Identifier: MIT */
/* A comparison for people, and for machines. */
#pragma once

#include "drill/output/drill_document.h"
#include "host/terminal.h"

#include <stdio.h>

struct compared {
	const char *a_path, *b_path;
	const struct drill_document *a, *b;
	const struct comparison *comparison;
};

void compare_print(const struct compared *compared, const struct terminal *terminal, FILE *out);

/* Returns 0 or -errno. */
int compare_print_json(const struct compared *compared, FILE *out);

/* SPDX-License-Identifier: MIT */
/* Many reports for people, and for machines. */
#pragma once

#include "drill/core/sizing.h"
#include "host/report_search.h"
#include "host/terminal.h"

#include <stdio.h>

void report_print(const struct report_search *search, const struct sizing *sizing,
	const struct terminal *terminal, FILE *out);

/* Returns 0 or -errno. */
int report_print_json(const struct report_search *search, const struct sizing *sizing, FILE *out);

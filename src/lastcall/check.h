/* SPDX-License-Identifier: MIT */
/* The page of --check: what lastcall would do here, and why. */
#pragma once

#include "core/stop/stop_budget.h"
#include "core/text/text.h"

#define CHECK_PAGE_BYTES 16384

/* Writes the effective settings with their sources, the platform and the labels (the platform's, too), the assumed deadline, the stop's
 * timeline, and the detector that works here. */
void check_write(struct text *text, const struct options *options, const struct stop_budget *budget,
	const struct platform_facts *facts, bool address_in_use, const struct label_list *labels);

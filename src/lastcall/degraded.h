/* SPDX-License-Identifier: MIT */
/* What lastcall cannot do here: logged once each, and kept for the report. */
#pragma once

#include "core/report/report.h"
#include "lastcall/log.h"

struct degraded {
	struct log *log;
	uint32_t bits; /* REPORT_DEGRADED_… */
};

void degraded_note(struct degraded *degraded, enum report_degraded what, const char *message);

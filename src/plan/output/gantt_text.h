/* SPDX-License-Identifier: MIT */
/* The timeline in text, 80 columns wide. */
#pragma once

#include "host/terminal.h"
#include "plan/output/gantt.h"

/* Of the upper estimate. */
void gantt_text_write(const struct rollout *rollout, enum plan_platform platform,
	const struct terminal *terminal, FILE *out);

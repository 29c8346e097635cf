/* SPDX-License-Identifier: MIT */
/* The stop's timeline drawn in text, for --check: when each phase ends at the latest. */
#pragma once

#include "core/stop/stop_budget.h"

/* Draws at most 72 columns wide, in plain ASCII. */
void stop_timeline_draw(struct text *text, const struct stop_budget *budget, enum stop_order order);

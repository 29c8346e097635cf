/* SPDX-License-Identifier: MIT */
/* What people and reports hear of a plan: its states and reasons in words, and how long each phase took. */
#pragma once

#include "core/stop/stop_plan.h"

/* How long each part of a stop took; together they are the total. */
struct stop_phases {
	msec_t drain, term, kill, flush, total;
};

/* For a plan that is DONE. */
struct stop_phases stop_plan_phases(const struct stop_plan *plan);

const char *stop_state_name(enum stop_state state);
const char *stop_reason_text(enum stop_reason reason);

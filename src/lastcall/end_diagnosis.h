/* SPDX-License-Identifier: MIT */
/* How the application ended: whether anybody had asked it to, and whether work in flight was lost by that. */
#pragma once

#include "lastcall/stop.h"

/* After each poll: when work is first seen to be cut. */
void end_diagnosis_note_cut(struct stop *s, msec_t now);

/* Whether the main process ended before it was signalled, or of something else. */
bool end_diagnosis_is_unasked(const struct stop *s);

/* At the end of the stop: says so in history and log when the stop signal cut what was in flight, with what would
 * have let a known server finish. */
void end_diagnosis_judge(struct stop *s);

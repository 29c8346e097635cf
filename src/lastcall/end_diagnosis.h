/* SPDX-License-Identifier: MIT */
/* What the application's exit did to its connections: whether it was asked for, whether its stop signal cut requests in
 * flight, and what would have prevented that. */
#pragma once

#include "lastcall/stop.h"

/* After each poll: when work is first seen to be cut. */
void end_diagnosis_note_cut(struct stop *s, msec_t now);

/* The main process has exited. */
void end_diagnosis_note_exit(struct stop *s, msec_t now);

/* At the end of the stop: says in the log when the stop signal cut requests in flight, with what would have let a known
 * server finish them. */
void end_diagnosis_log_cut(struct stop *s);

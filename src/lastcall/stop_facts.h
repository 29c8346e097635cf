/* SPDX-License-Identifier: MIT */
/* The facts that core decides on: what is true of the application and its connections at this moment. */
#pragma once

#include "core/stop/stop_outcome.h"
#include "lastcall/stop.h"

/* poll_is_old: something has changed that the last poll cannot have seen. Not ready by start_ends, the application
 * has timed out. */
struct stop_facts stop_facts_gather(
	const struct stop *s, bool poll_is_old, msec_t start_ends, msec_t now);

/* For what the stop came to; oom_kills is left as not known, for it costs a system call. */
struct stop_outcome_facts stop_facts_of_outcome(const struct stop *s);

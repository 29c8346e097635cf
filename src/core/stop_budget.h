/* SPDX-License-Identifier: MIT */
/* One stop timeout in, every phase's limit out. Where it comes from is remembered, and a sum that
 * does not fit is named before the application starts. */
#pragma once

#include "core/options.h"

struct stop_budget {
	msec_t timeout; /* T: the orchestrator's SIGKILL, after the stop signal */
	const char *timeout_source; /* as the report names it */
	msec_t margin; /* M: we are gone by T - M */
	msec_t drain; /* B: work in flight may take this long */
	msec_t min_drain; /* and at least this long is served */
	msec_t term_grace; /* G: the application may take this long to end; MSEC_NEVER: until the last moment */
	msec_t term_reserve; /* what B leaves free for that: G, or min((T - M)/4, 5 s) */
	msec_t kill_reserve; /* kept free before T - M: for a SIGKILL to work, the flush, the report */
};

/* What of the surroundings matters; NULL and false where it is not there. */
struct stop_surroundings {
	const char *ecs_container_stop_timeout;
	bool on_ecs; /* ECS_CONTAINER_METADATA_URI_V4 is set */
	bool on_kubernetes; /* KUBERNETES_SERVICE_HOST is set */
};

/* Returns 0, or -EINVAL with one line in *ret_error. *ret_warning gets a line when
 * ECS_CONTAINER_STOP_TIMEOUT does not mean what it seems to. */
int stop_budget_compute(const struct options *options, const struct stop_surroundings *surroundings,
	struct stop_budget *ret_budget, struct text *ret_error, struct text *ret_warning);

/* Reads ECS_CONTAINER_STOP_TIMEOUT as the ECS agent does (agent/config/parse.go): Go's
 * ParseDuration; empty, 0 or unparsable leaves 30 s; below 1 s is 1 s; the rest is cut to whole
 * seconds. A bare number is unparsable there and most likely meant as seconds: the smaller of
 * both readings is the safe one. */
msec_t stop_budget_read_ecs_timeout(const char *value, struct text *ret_warning);

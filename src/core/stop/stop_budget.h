/* SPDX-License-Identifier: MIT */
/* One stop timeout in, every phase's limit out. Where it comes from is remembered, and a sum that
 * does not fit is named before the application starts. */
#pragma once

#include "core/cli/options.h"
#include "core/recognise/platform.h"

struct stop_budget {
	const struct platform *platform; /* where we run, as far as the environment tells */
	msec_t timeout; /* T: the orchestrator's SIGKILL, after the stop signal */
	const char *timeout_source; /* as the report names it */
	msec_t margin; /* M */
	/* We are gone by this: T - M. Where a platform's T is 0, SIGKILL may come at once and nothing can be
	 * planned for: then as if T were not known, for a platform that waits after all. */
	msec_t gone;
	/* T is a platform's, and too short to drain in: every signal is forwarded at once. */
	bool at_once;
	msec_t drain; /* B: work in flight may take this long */
	msec_t min_drain; /* and at least this long is served */
	msec_t quiet_period; /* and until nothing new has come for so long; 0: no such wait */
	/* These two are the platform's defaults and were not given: only for an application that listens, and over
	 * LAME_DUCK_MS after the stop signal. */
	bool lame_duck_is_default;
	msec_t term_grace; /* G: the application may take this long to end; MSEC_NEVER: until the last moment */
	msec_t term_reserve; /* what B leaves free for that: G, or min((T - M)/4, 5 s) */
	msec_t longest_request; /* D: a connection that may be in use is idle when quiet for so long; at most B */
	msec_t longest_said; /* the same before it was cut to B */
	const char *longest_request_source; /* as the report names it */
	bool is_longest_given; /* it is the user's word, and no guess of ours */
	msec_t kill_reserve; /* kept free before T - M: for a SIGKILL to work, the flush, the report */
};

#define LAME_DUCK_MS 5000

/* The longest request where --longest-request is not given. */
#define LONGEST_REQUEST_DEFAULT_MS 10000

/* Returns 0, or -EINVAL with one line in *ret_error. *ret_warning gets a line when a variable that carries
 * the platform's time does not mean what it seems to, or when that time is too short to drain in (with the
 * options that then have no effect), or when what was given has to be made smaller. */
int stop_budget_compute(const struct options *options, const struct platform_facts *facts,
	struct stop_budget *ret_budget, struct text *ret_error, struct text *ret_warning);

/* Reads ECS_CONTAINER_STOP_TIMEOUT as the ECS agent does (agent/config/parse.go): Go's
 * ParseDuration; empty, 0 or unparsable leaves 30 s; below 1 s is 1 s; the rest is cut to whole
 * seconds. A bare number is unparsable there and most likely meant as seconds: the smaller of
 * both readings is the safe one. */
msec_t stop_budget_read_ecs_timeout(const char *value, struct text *ret_warning);

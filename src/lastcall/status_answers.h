/* SPDX-License-Identifier: MIT */
/* The content of the answers to `lastcall --status`: what is known of the stop, the application and its connections.
 * A question changes nothing: neither a verdict, nor a budget, nor the log. */
#pragma once

#include "core/text/text.h"
#include "lastcall/app_check.h"
#include "lastcall/stop.h"

/* Filled in by the supervisor; what it points to outlives it. */
struct status_answers {
	struct stop *stop; /* jobs of processes that have ended leave it, as at any look */
	const struct app_check *check;
	char *const *command;
};

/* Writes the body. Returns its key (core/status/status.h). arg is a struct status_answers. */
uint64_t status_answers_write(void *arg, bool is_json, struct text *text);

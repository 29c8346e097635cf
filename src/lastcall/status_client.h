/* SPDX-License-Identifier: MIT */
/* lastcall --status: asks the lastcall that is PID 1 here what a stop now would do. */
#pragma once

#include "core/cli/options.h"
#include "lastcall/log.h"
#include "sys/signals.h"

/* Prints the answer; with --watch again and again: a terminal is redrawn once a second, anything else gets a copy for
 * each change. The signals are those that lastcall was started with, so that Ctrl-C ends it. Returns the exit
 * status: 0, or 1 without an answer, with one line in the log. */
int status_client_run(
	const struct options *options, const struct signal_state *inherited, struct log *log);

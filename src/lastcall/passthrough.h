/* SPDX-License-Identifier: MIT */
/* A plain init, for --drain=off: forwards every signal at once, reaps orphans, and exits with the main process. No
 * event loop, no clock, no sockets. */
#pragma once

#include "core/cli/compat.h"
#include "core/cli/options.h"
#include "lastcall/log.h"
#include "sys/signals.h"

/* Starts the application and stays until its main process ends. compat is the init by whose name lastcall was
 * started, or NULL. Returns lastcall's exit status. */
int passthrough_run(const struct options *options, int signal_fd,
	const struct signal_state *inherited, char **envp, const struct compat *compat,
	struct log *log);

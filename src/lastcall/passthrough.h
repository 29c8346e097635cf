/* SPDX-License-Identifier: MIT */
/* An init and no more, for --drain=off: every signal is handed on at once, orphans are reaped, and we end
 * when the main process does. No event loop, no clock, no sockets. */
#pragma once

#include "core/cli/compat.h"
#include "core/cli/options.h"
#include "lastcall/log.h"
#include "sys/signals.h"

/* Starts the application and stays until its main process ends. compat is the init that we stand in for,
 * or NULL. Returns our exit status. */
int passthrough_run(const struct options *options, int signal_fd,
	const struct signal_state *inherited, char **envp, const struct compat *compat,
	struct log *log);

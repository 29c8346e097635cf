/* SPDX-License-Identifier: MIT */
/* lastcall --busy: runs a command as a job of the lastcall that runs the container. */
#pragma once

#include "lastcall/log.h"
#include "sys/signals.h"

/* With a command: declares one job, runs the command as --drain=off does, and declares that it is over. Where there is no such
 * lastcall, logs that and runs the command all the same. Returns the command's exit status.
 *
 * Without a command: sends each line of standard input as a message, for runtimes that have no datagrams on unix
 * sockets. The jobs that were declared are gone with the end of the input. Returns 0, or EXIT_STATUS_FAILED when there
 * is no such lastcall. */
int busy_run(struct options *options, int signal_fd, const struct signal_state *inherited,
	char **envp, struct log *log);

/* SPDX-License-Identifier: MIT */
/* Whether a process is an interactive shell, by its command line. */
#pragma once

#include "core/recognise/program.h"

/* A shell without a command (-c) and without a script; also one that shall be interactive (-i). Such a
 * shell ignores SIGTERM and ends on SIGHUP (POSIX, sh, ASYNCHRONOUS EVENTS). False where the words are not
 * known. */
bool interactive_shell_is(const struct program *program);

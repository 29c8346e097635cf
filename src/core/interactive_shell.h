/* SPDX-License-Identifier: MIT */
/* Whether a process is a shell that somebody types into, by its command line. */
#pragma once

#include "core/program.h"

/* A shell without a command (-c) and without a script; also one that was told to be interactive (-i). Such a
 * shell ignores SIGTERM and ends on SIGHUP (POSIX, sh, ASYNCHRONOUS EVENTS). False where the words are not
 * known. */
bool interactive_shell_is(const struct program *program);

/* SPDX-License-Identifier: MIT */
/* Standing in for another init by its name: answers what its command line asks, says what it would. */
#pragma once

#include "core/cli/compat.h"
#include "lastcall/log.h"

/* Reads the command line as the init does that argv[0] names, over the options that the environment has
 * set. Drains only when LASTCALL_… variables ask for it, and the command is not lastcall itself.
 * Returns COMPAT_GO_ON, or the status to exit with, having said why. */
int compat_run_begin(
	struct compat *compat, char **argv, char *const envp[], struct options *options);

/* Says an event in that init's words, where it has any. compat may be NULL: then nothing is printed. */
void compat_run_say(const struct compat *compat, struct log *log, const struct compat_event *event);

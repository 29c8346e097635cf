/* SPDX-License-Identifier: MIT */
/* lastcall by the name of another init: the same command line, the same messages. */
#pragma once

#include "core/cli/compat.h"
#include "lastcall/log.h"

/* Reads the command line as the init that argv[0] names does, over the options of the environment. Drains only if
 * there are LASTCALL_… variables and the command is not lastcall itself. Returns COMPAT_GO_ON, or the status to exit
 * with after printing the reason. */
int compat_run_begin(
	struct compat *compat, char **argv, char *const envp[], struct options *options);

/* Prints an event in that init's words, if it has any. compat may be NULL: then nothing is printed. */
void compat_run_say(const struct compat *compat, struct log *log, const struct compat_event *event);

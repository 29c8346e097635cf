/* SPDX-License-Identifier: MIT */
/* Reads the command line and the LASTCALL_... environment by the table of options. */
#pragma once

#include "core/cli/options.h"
#include "core/text/text.h"

/* Reads the environment, then the command line over it. Options end at the first operand or at `--`.
 * Strings point into argv and envp. Returns 0, or -EINVAL with one line in *ret_error that names the
 * option, the value and the accepted form. *ret_warning gets a line when something in the
 * environment was passed over. */
int options_parse(char *const argv[], char *const envp[], struct options *ret_options,
	struct text *ret_error, struct text *ret_warning);

/* The group of a session's leader is an orphaned one, in which the kernel lets no process be stopped by
 * what a terminal sends, but by SIGSTOP: with setsid that is what the application gets for it. */
void options_rewrite_for_session(struct options *options);

/* The name after `--`; the environment variable is LASTCALL_ with it in capitals. */
const char *option_name(enum option_id id);

/* A flag's value, or NULL where the option is none. */
const bool *option_flag(const struct options *options, enum option_id id);

/* How a message names the setting: "--margin" or "LASTCALL_MARGIN". */
const char *option_origin(const struct options *options, enum option_id id, char *buf, size_t cap);

/* The default as --help says it; empty for a flag that is off. */
const char *option_default_text(enum option_id id);

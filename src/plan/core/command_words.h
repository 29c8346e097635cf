/* SPDX-License-Identifier: MIT */
/* A command that compose has as one string. It is split into words and executed; no shell reads it
 * (compose-spec, 05-services.md, "command"). */
#pragma once

#include <stddef.h>

/* Splits a string at blanks, with single quotes, double quotes and backslashes as in a shell. The words stand
 * in buf, each with its NUL, at most `len` bytes. Returns their number, -EINVAL for a quote that does not
 * end, or -E2BIG for more than fits. */
int command_words_split(const char *string, char *buf, size_t len);

/* The place of the program that a command runs in the end, behind programs that run it in their place or as their
 * child and forward signals: tini -g -- lastcall, env A=b lastcall, gosu www lastcall. The place of the NULL where
 * there is none. */
size_t command_words_program(char *const *argv);

/* SPDX-License-Identifier: MIT */
/* What a container executes, as far as a document says, and what rules of several platforms ask of it. */
#pragma once

#include "plan/document/tree.h"

/* Words and variables, built one by one. */
enum { WORDS_MAX_BYTES = 1 << 16 }; /* an alias may stand for the same words many times */

struct word_list {
	char **words; /* ends at NULL */
	size_t count, room, bytes;
	struct arena *arena;
};

void word_list_init(struct word_list *list, struct arena *arena);
/* Returns false for what does not fit into WORDS_MAX_BYTES. */
bool word_list_add(struct word_list *list, const char *word);

/* The script of `sh -c SCRIPT`, whatever the shell and its other options; NULL: the first word is no shell,
 * or it runs a file. */
const char *shell_script(char *const *argv);

/* Whether the words are a shell that stays in front of what its script starts: the script has neither exec nor
 * trap. bash replaces itself by a script that is one simple command (bash 5.2, builtins/evalstring.c,
 * should_suppress_fork); dash does not, and which shell sh is, a document does not show. */
bool shell_keeps_signals(char *const *argv);

/* What to do about such a script, where it is more than one command. */
const char *shell_advice(const char *script);

/* The first of curl and wget that the words run, themselves or in a shell's script; NULL: none. */
const char *words_find_downloader(char *const *argv);

/* The seconds that `sleep N`, or a script of commands one after the other, sleeps at least. */
int64_t words_sleep_seconds(char *const *argv);

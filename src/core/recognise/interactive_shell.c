/* SPDX-License-Identifier: MIT */
#include "core/recognise/interactive_shell.h"

#include <string.h>

static const char shells[][sizeof "busybox"] = {
	"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "csh", "tcsh"};

/* "/bin/bash", and "-bash" of a login. */
static bool is_name_of_shell(const char *word)
{
	const char *base = strrchr(word, '/');

	base = base != NULL ? base + 1 : word;
	base += *base == '-';
	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
		if (strcmp(base, shells[i]) == 0)
			return true;
	}
	return false;
}

static bool takes_a_file(const char *option)
{
	return strcmp(option, "--rcfile") == 0 || strcmp(option, "--init-file") == 0;
}

bool interactive_shell_is(const struct program *program)
{
	const char *word = program->words;
	bool is_asked_to_be = false;

	if (program->words_len == 0 || program->words_len >= sizeof program->words - 1)
		return false; /* what was cut off may be a script */
	if (strcmp(word, "busybox") == 0 || strcmp(word, "/bin/busybox") == 0)
		word = program_next_word(program, word);
	if (word == NULL || !is_name_of_shell(word))
		return false;
	while ((word = program_next_word(program, word)) != NULL) {
		if (*word != '-' && *word != '+')
			return is_asked_to_be;
		if (takes_a_file(word)) {
			word = program_next_word(program, word);
			if (word == NULL)
				return false;
			continue;
		}
		if (strncmp(word, "--", 2) == 0)
			continue;
		if (strchr(word, 'c') != NULL)
			return false;
		is_asked_to_be |= *word == '-' && strchr(word, 'i') != NULL;
	}
	return true;
}

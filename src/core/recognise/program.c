/* SPDX-License-Identifier: MIT */
#include "core/recognise/program.h"

#include <string.h>

const char *program_first_word(const struct program *program)
{
	return program->words_len > 0 ? program->words : NULL;
}

const char *program_next_word(const struct program *program, const char *word)
{
	word += strlen(word) + 1;
	return word < program->words + program->words_len ? word : NULL;
}

void program_take_command(struct program *program, char *const *command)
{
	program->words_len = 0;
	for (; *command != NULL; command++) {
		size_t len = strlen(*command) + 1,
		       left = sizeof program->words - program->words_len;

		if (len > left)
			return;
		memcpy(program->words + program->words_len, *command, len);
		program->words_len += len;
	}
}

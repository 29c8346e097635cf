/* SPDX-License-Identifier: MIT */
#include "core/program.h"

#include <string.h>

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

/* SPDX-License-Identifier: MIT */
/* The command line of an application, as /proc has it. The first byte is how long its name is; the name and the file
 * follow, then the words. */
#include "core/recognise/interactive_shell.h"
#include "core/recognise/server_signal.h"

#include "require.h"

#include <signal.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(char *ret, size_t cap, const uint8_t **at, size_t *left, size_t len)
{
	if (len > *left)
		len = *left;
	if (len > cap - 1)
		len = cap - 1;
	memcpy(ret, *at, len);
	*at += len;
	*left -= len;
}

static void check_words(const struct program *program)
{
	const char *end = program->words + program->words_len;
	size_t count = 0;

	for (const char *word = program_first_word(program); word != NULL;
		word = program_next_word(program, word)) {
		require(word >= program->words && word < end &&
			memchr(word, '\0', (size_t)(end - word)) != NULL);
		require(++count <= program->words_len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct program *program = calloc(1, sizeof *program);
	size_t len;

	require(program != NULL);
	if (size > 0) {
		len = data[0] % PROGRAM_NAME_BYTES;
		data++, size--;
		take(program->name, sizeof program->name, &data, &size, len);
		take(program->file, sizeof program->file, &data, &size, len);
		program->words_len =
			size < sizeof program->words ? size : sizeof program->words - 1;
		memcpy(program->words, data, program->words_len);
		if (program->words_len > 0)
			program->words[program->words_len++] = '\0';
	}
	check_words(program);
	(void)interactive_shell_is(program);
	(void)server_signal_of(program);
	(void)server_signal_runtime_catches(program, SIGTERM);
	free(program);
	return 0;
}

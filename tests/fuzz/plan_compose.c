/* SPDX-License-Identifier: MIT */
/* Texts of a compose file: variables, durations, commands. What is taken by the stricter program is taken by the
 * other, a suggestion is a duration for all of them, and nothing is written past a buffer. */
#include "plan/core/command_words.h"
#include "plan/core/compose_duration.h"
#include "plan/core/compose_variables.h"
#include "plan/core/int_or_percent.h"

#include "require.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_durations(const char *string)
{
	int64_t up = 0, stack = 0, v1 = 0, suggested;
	char buf[64];
	struct text text;

	if (compose_duration_parse(string, COMPOSE_STACK, &stack) == 0) {
		require(compose_duration_parse(string, COMPOSE_UP, &up) == 0);
		require(up == stack);
	}
	if (compose_duration_parse(string, COMPOSE_V1, &v1) == 0)
		require(v1 >= 0);
	text_init(&text, buf, sizeof buf);
	compose_duration_suggest(&text, string);
	if (text.len == 0 || text.truncated)
		return;
	/* its numbers may be too large, or written with more than one point */
	if (compose_duration_parse(buf, COMPOSE_STACK, &suggested) == 0)
		require(compose_duration_parse(buf, COMPOSE_UP, &up) == 0 && up == suggested);
	require(strspn(buf, "0123456789.hms") == text.len);
}

static void try_variables(const char *string, size_t len)
{
	for (int program = COMPOSE_UP; program <= COMPOSE_V1; program++) {
		struct compose_variables variables;
		char *buf = malloc(len + 1);
		struct text text;
		int r;

		require(buf != NULL);
		text_init(&text, buf, len + 1);
		r = compose_variables_replace(
			string, (enum compose_program)program, &text, &variables);
		require(!text.truncated); /* a value is never longer than what it is written in */
		if (strchr(string, '$') == NULL)
			require(r == 0 && variables.is_known && strcmp(buf, string) == 0);
		free(buf);
	}
}

static void try_words(const char *string, size_t len)
{
	for (size_t room = 0; room <= len + 1; room += 1 + len / 4) {
		char *buf = malloc(room > 0 ? room : 1);
		const char *word = buf;
		int count;

		require(buf != NULL);
		count = command_words_split(string, buf, room);
		for (int i = 0; i < count; i++)
			word += strlen(word) + 1;
		require(count < 0 || word <= buf + room);
		free(buf);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct int_or_percent value;
	char *string = malloc(size + 1);

	require(string != NULL);
	memcpy(string, data, size);
	string[size] = '\0';
	size = strlen(string);
	try_durations(string);
	try_variables(string, size);
	try_words(string, size);
	if (int_or_percent_parse(string, false, &value) == 0)
		require(int_or_percent_of(value, 100, true) >=
			int_or_percent_of(value, 100, false));
	free(string);
	return 0;
}

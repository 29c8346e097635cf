/* SPDX-License-Identifier: MIT */
/* A command line or an environment out of an input: a line is a word. */
#pragma once

#include "require.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WORDS_MAX 64

struct words {
	char *bytes;
	char *list[WORDS_MAX + 1]; /* NULL at the end */
	size_t count;
};

/* The list points into bytes, which are to be freed. */
static inline void words_take(struct words *words, const uint8_t *data, size_t size)
{
	words->bytes = malloc(size + 1);
	words->count = 0;
	require(words->bytes != NULL);
	memcpy(words->bytes, data, size);
	words->bytes[size] = '\0';
	for (char *at = words->bytes, *end; words->count < WORDS_MAX; at = end + 1) {
		end = strchr(at, '\n');
		if (end != NULL)
			*end = '\0';
		words->list[words->count++] = at;
		if (end == NULL)
			break;
	}
	words->list[words->count] = NULL;
}

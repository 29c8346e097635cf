/* SPDX-License-Identifier: MIT */
#include "core/long_text.h"

#include "core/unpack.h"

#include "packed_texts.h" /* made by texts/pack.c: packed_texts, UNPACKED_BYTES, option_words */

#include <string.h>

static const char *find(const char *texts, int number)
{
	while (number-- > 0)
		texts += strlen(texts) + 1;
	return texts;
}

/* The first time that one is asked for, all are unpacked. */
const char *long_text(enum long_text id)
{
	static char texts[UNPACKED_BYTES];

	if (texts[0] == '\0')
		unpack(packed_texts, texts, sizeof texts);
	return find(texts, (int)id);
}

const char *option_word(enum option_id id, enum word_of_option which)
{
	return find((const char *)option_words, WORDS_OF_OPTION * (int)id + (int)which);
}

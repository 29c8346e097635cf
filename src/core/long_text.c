/* SPDX-License-Identifier: MIT */
#include "core/long_text.h"

#include "packed_texts.h" /* made by texts/pack.c: packed_texts, packed_pairs, FIRST_PAIR */

#include <string.h>

/* A byte is itself, or stands for two others. */
static void add_byte(struct text *text, unsigned char byte)
{
	size_t pair = 2 * (size_t)(unsigned char)(byte - FIRST_PAIR);

	if (pair >= sizeof packed_pairs || byte == '\n') {
		text_add_bytes(text, (const char *)&byte, 1);
		return;
	}
	add_byte(text, packed_pairs[pair]);
	add_byte(text, packed_pairs[pair + 1]);
}

void long_text_add(struct text *text, enum long_text id)
{
	const unsigned char *at = packed_texts;

	for (int i = 0; i < (int)id; i++)
		at += strlen((const char *)at) + 1;
	while (*at != '\0')
		add_byte(text, *at++);
}

/* SPDX-License-Identifier: MIT */
#include "core/long_text.h"

#include "core/unpack.h"

#include "packed_texts.h" /* made by texts/pack.c: packed_texts, UNPACKED_BYTES */

#include <string.h>

/* The first time that one is asked for, all are unpacked. */
const char *long_text(enum long_text id)
{
	static char texts[UNPACKED_BYTES];
	const char *at = texts;

	if (texts[0] == '\0')
		unpack(packed_texts, texts, sizeof texts);
	for (int i = 0; i < (int)id; i++)
		at += strlen(at) + 1;
	return at;
}

/* SPDX-License-Identifier: MIT */
/* The long texts as they are written and read, for the program that packs them (pack.c) and for the test
 * that what is unpacked is the same. What is shipped has them packed alone. */
#pragma once

#include "core/long_text.h"

extern const char *const long_texts[TEXT_OPTIONS];
extern const struct option_texts {
	const char *words[WORDS_OF_OPTION];
	const char *texts[TEXTS_OF_OPTION];
} option_texts[OPTION_COUNT];

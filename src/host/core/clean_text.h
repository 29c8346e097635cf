/* SPDX-License-Identifier: MIT */
/* Text from outside (a command line, a container's name, another program's log) as every output may
 * carry it: UTF-8, with no control characters, which no XML can hold and no terminal should see. */
#pragma once

#include "core/text/text.h"

/* Three bytes for each of these, and the NUL, are enough for any text. */
#define CLEAN_TEXT_BYTES(raw_bytes) (3 * (raw_bytes) + 1)

/* Bytes that are not UTF-8 and control characters become U+FFFD; line breaks and tabs a space.
 * What does not fit is left out, never half a character. Returns ret_clean. */
const char *clean_text(char *ret_clean, size_t cap, const char *raw);

/* Lets a text that did not fit end with an ellipsis, behind a whole character. */
void text_mark_cut(struct text *text);

/* SPDX-License-Identifier: MIT */
/* Strings as JSON has them. */
#pragma once

#include "core/text/text.h"

/* Length of the valid UTF-8 sequence at s (RFC 3629: no overlong forms, no surrogates, nothing past
 * U+10FFFF), or 0. Reads no further than the terminating NUL, for a NUL continues nothing. */
size_t text_utf8_sequence(const unsigned char *s);

/* Adds a JSON string with its quotes (RFC 8259 section 7). Bytes that are not UTF-8 become U+FFFD,
 * so that the line stays valid JSON whatever an argv or a peer contained. */
void text_add_json(struct text *text, const char *string);

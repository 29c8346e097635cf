/* SPDX-License-Identifier: MIT */
/* Text built up in the caller's buffer, always terminated. What does not fit is cut and remembered
 * in `truncated`; nothing is ever written past the buffer. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *buf;
	size_t cap; /* with room for the terminating NUL */
	size_t len;
	bool truncated;
};

void text_init(struct text *text, char *buf, size_t cap);
void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t len);
void text_add_char(struct text *text, char c);

/* Of printf's formats %d %u %x %X %c %s, with a width, '-', '0', and a precision for %s. */
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *text, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* Length of the valid UTF-8 sequence at s (RFC 3629: no overlong forms, no surrogates, nothing past
 * U+10FFFF), or 0. Reads no further than the terminating NUL, for a NUL continues nothing. */
size_t text_utf8_sequence(const unsigned char *s);

/* Adds a JSON string with its quotes (RFC 8259 section 7). Bytes that are not UTF-8 become U+FFFD,
 * so that the line stays valid JSON whatever an argv or a peer contained. */
void text_add_json(struct text *text, const char *string);

/* Adds a moment of the wall clock as RFC 3339 writes it, in UTC: 2026-08-06T09:15:04.123Z. A
 * moment that is not within 1970 to 9999 is shown as the nearest that is. */
void text_add_time(struct text *text, int64_t unix_ms);

/* Takes back all that was added since the text had this length and was still whole. */
void text_cut(struct text *text, size_t len);
